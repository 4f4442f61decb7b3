import * as z from 'zod';

/** The analog reader of a circuit: `with:` of any sensor. */
const Reader = z.looseObject({ driver: z.string().min(1) });

/** `with:` of an input whose line ends in a resistor, so that a cut or a short of it is told from both its states. */
export const SupervisedConfig = z
  .strictObject({
    driver: z.literal('supervised'),
    sensor: Reader,
    /** What the reader says: ohms, or volts over the circuit when it hangs at `supplyV` by `pullUpOhm`. */
    reads: z.enum(['ohm', 'volt']),
    pullUpOhm: z.number().min(1).max(10_000_000).optional(),
    supplyV: z.number().min(0.1).max(60).optional(),
    /** Of the whole circuit, at rest and when the contact is worked. */
    normalOhm: z.number().min(10).max(1_000_000),
    pressedOhm: z.number().min(10).max(1_000_000),
    everyMs: z.int().min(20).max(10_000).default(50),
  })
  .refine(
    ({ reads, pullUpOhm, supplyV }) =>
      reads === 'volt'
        ? pullUpOhm !== undefined && supplyV !== undefined
        : pullUpOhm === undefined && supplyV === undefined,
    'volts need pullUpOhm and supplyV, ohms neither',
  )
  .refine(
    ({ normalOhm, pressedOhm }) => Math.max(normalOhm, pressedOhm) >= 1.5 * Math.min(normalOhm, pressedOhm),
    'normalOhm and pressedOhm must differ by half at least, or they cannot be told apart',
  );
export type SupervisedConfig = z.infer<typeof SupervisedConfig>;

/** The same, with the reader held against the schemas of sensors too. */
export const supervisedConfig = (sensors: Readonly<Record<string, z.ZodType>>): z.ZodType =>
  SupervisedConfig.superRefine(({ sensor }, context) => {
    const schema = sensors[sensor.driver];
    if (schema === undefined) {
      const message = `no sensor has the driver ${sensor.driver}; there are ${Object.keys(sensors).join(', ')}`;
      context.addIssue({ code: 'custom', path: ['sensor', 'driver'], message });
      return;
    }
    for (const { path, message } of schema.safeParse(sensor).error?.issues ?? [])
      context.addIssue({ code: 'custom', path: ['sensor', ...path], message });
  });
