import type { Measurements } from '#contract/event-data.ts';
import type { StaticTrack } from '../tracking/track.ts';
import type { Told } from './lifecycle.ts';

const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** Says in words what has become of a thing, and why: what a dispatcher may ask. */
export function reasonFor(told: Told, track: StaticTrack, figures: Measurements): string {
  switch (told.state) {
    case 'unattended':
      return told.change === 'left' ? whyLeft(track, figures) : `alone again for ${seconds(figures.dwellS)}`;
    case 'attended':
      return 'somebody who belongs to it, or stays right beside it, is there again';
    case 'reclaimed':
      return 'whoever was with it is there and it is gone';
    case 'removed':
      return 'it is gone and nobody known to belong to it was there';
    case 'fixture':
      return 'it has stood there for so long that it is part of the scene from now on';
  }
}

function whyLeft(track: StaticTrack, figures: Measurements): string {
  return [
    `came to rest at ${seconds(track.restT)} with somebody ${(figures.broughtWithin ?? 0).toFixed(1)} person heights away`,
    `alone for ${seconds(figures.dwellS)}`,
    `${figures.heightInPersons.toFixed(2)} person heights tall`,
    `contour ${figures.edgeRatio.toFixed(1)} times as sharp as the background's`,
    ...modelSays(figures),
  ].join('; ');
}

function modelSays({ model }: Measurements): string[] {
  if (model === undefined) return [];
  if (model.state === 'confirmed') return [`the model saw luggage there (${(model.score ?? 0).toFixed(2)})`];
  return model.state === 'silent' ? ['the model saw nothing there, which says nothing'] : [];
}
