import * as z from 'zod';
import { DeviceProfile } from '#agent/ports/profile.ts';

/** The closed JSON Schema of a resolved device profile, for editors and for `profile schema`. */
export function profileJsonSchema(): object {
  const { $schema, ...body } = z.toJSONSchema(DeviceProfile, { io: 'input' });
  return { $schema, $id: 'https://watchpost.example/schemas/profile.schema.json', ...body };
}
