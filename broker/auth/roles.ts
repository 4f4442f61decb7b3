/** Who people are to the site. `admin` is the token of the site's own machine. */
export const ROLES = ['admin', 'supervisor', 'dispatcher', 'technician', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What can be asked of the site. */
export type Permission = 'read' | 'act' | 'review' | 'command' | 'evidence' | 'audit';

const GRANTED: Record<Role, readonly Permission[]> = {
  admin: ['read', 'act', 'review', 'command', 'evidence', 'audit'],
  supervisor: ['read', 'act', 'review', 'command', 'evidence', 'audit'],
  dispatcher: ['read', 'act', 'command', 'evidence'],
  technician: ['read', 'command'],
  auditor: ['read', 'audit'],
};

export const may = (role: Role, permission: Permission): boolean => GRANTED[role].includes(permission);

/** Somebody who has shown who they are. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}
