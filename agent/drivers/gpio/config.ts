import * as z from 'zod';

const line = {
  driver: z.literal('gpio'),
  /** The label of the chip (`pinctrl-bcm2711`); it stays when numbers change. Or its device file's name. */
  chip: z.string().min(1).max(64),
  /** The line's number on its chip, or its name in the device tree (`GPIO17`). */
  line: z.union([z.int().min(0).max(4095), z.string().min(1).max(31)]),
  /** Low is closed, lit or loud: the contact or the lamp connects the line to ground. */
  activeLow: z.boolean().default(false),
};

/** `with:` of an input. */
export const GpioInputConfig = z
  .strictObject({
    ...line,
    /** The chip's own resistor; absent: as firmware and device tree have set it. */
    bias: z.enum(['up', 'down', 'none']).optional(),
    /** A level must last this long to count; 0 tells every edge. */
    debounceMs: z.number().min(0).max(1000).default(10),
    /** What to use where the kernel is older than 5.10 or the addon is not built. */
    fallback: z.enum(['sysfs', 'none']).default('none'),
  })
  .refine(({ bias, fallback }) => fallback === 'none' || bias === undefined, {
    path: ['fallback'],
    error: 'sysfs cannot set a bias: leave out bias (set it in the device tree) or fallback',
  })
  .refine(({ line, fallback }) => fallback === 'none' || typeof line === 'number', {
    path: ['fallback'],
    error: 'sysfs knows no names of lines: give the number of the line, or leave out fallback',
  });
export type GpioInputConfig = z.infer<typeof GpioInputConfig>;

/** `lamp:` and `siren:`. Through the character device alone. */
export const GpioOutputConfig = z.strictObject(line);
export type GpioOutputConfig = z.infer<typeof GpioOutputConfig>;
