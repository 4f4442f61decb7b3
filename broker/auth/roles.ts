/** Who people are to the site. `admin` is the token of the site's own machine. */
export const ROLES = ['admin', 'supervisor', 'dispatcher', 'technician', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What can be asked of the site; also the scopes of an API token. `system` is the site's own working: `$SYS`, care; `provision` what devices are given: identity, bundles. */
export const PERMISSIONS = [
  'read',
  'act',
  'review',
  'command',
  'evidence',
  'audit',
  'people',
  'provision',
  'system',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const GRANTED: Record<Role, readonly Permission[]> = {
  admin: PERMISSIONS,
  supervisor: PERMISSIONS,
  dispatcher: ['read', 'act', 'command', 'evidence'],
  technician: ['read', 'command', 'provision'],
  auditor: ['read', 'audit'],
};

export const may = (role: Role, permission: Permission): boolean => GRANTED[role].includes(permission);

/** Somebody who has shown who they are. */
export interface Person {
  readonly name: string;
  readonly role: Role;
  /** What an API token is for; without, everything that the role may. */
  readonly scopes?: readonly Permission[];
}

export const permissionsOf = ({ role, scopes }: Person): readonly Permission[] =>
  GRANTED[role].filter((permission) => scopes === undefined || scopes.includes(permission));

export const mayDo = (person: Person, permission: Permission): boolean =>
  permissionsOf(person).includes(permission);

/** Nobody gives more than they have, and admins are named by admins alone. */
export function mayGrant(person: Person, role: Role): boolean {
  if (role === 'admin' && person.role !== 'admin') return false;
  const own = permissionsOf(person);
  return GRANTED[role].every((permission) => own.includes(permission));
}

/** Somebody who was let in, and whether what let them in still would. */
export interface Access {
  readonly person: Person;
  readonly isCurrent: () => boolean;
}
