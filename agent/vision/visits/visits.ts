import type { CameraPose, VisitReport } from '#agent/ports/vision-pose.ts';
import { Parking, type Phase } from './parking.ts';

/** What a camera that is carried about sees of the places it comes back to. */
export class Visits {
  readonly #parking = new Parking();
  readonly #reports: VisitReport[] = [];

  setPose(pose: CameraPose): void {
    this.#parking.setPose(pose);
  }

  get isParked(): boolean {
    return this.#parking.isParked;
  }

  look(t: number): Phase {
    return this.#parking.look(t);
  }

  restart(): void {
    this.#parking.restart();
  }

  takeReports(): VisitReport[] {
    return this.#reports.splice(0);
  }
}
