/** Why a robot stands and may not be moved by anybody (docs/robot-safety.md). */
export const STOP_CAUSES = [
  'emergency-stop',
  'bumper',
  'lifted',
  'tilted',
  'stuck',
  'blind',
  'off-map',
  'not-localized',
  'own-press',
  'battery-critical',
  'base-silent',
  'caller-frozen',
] as const;
export type StopCause = (typeof STOP_CAUSES)[number];
