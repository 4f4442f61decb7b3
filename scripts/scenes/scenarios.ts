import type { Scenario } from './scenario.ts';
import { COMPANY_SCENARIOS } from './scenarios/company.ts';
import { CROWD_SCENARIOS } from './scenarios/crowds.ts';
import { LEFT_SCENARIOS } from './scenarios/left.ts';
import { OUTDOOR_SCENARIOS } from './scenarios/outdoors.ts';
import { SURROUNDINGS_SCENARIOS } from './scenarios/surroundings.ts';

/** All that is drawn, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  ...LEFT_SCENARIOS,
  ...CROWD_SCENARIOS,
  ...COMPANY_SCENARIOS,
  ...SURROUNDINGS_SCENARIOS,
  ...OUTDOOR_SCENARIOS,
];
