import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { type ListedPerson, type People, type PersonChange, PersonName } from '#broker/auth/people.ts';
import { type Person, ROLES } from '#broker/auth/roles.ts';
import type { Sessions } from '#broker/auth/sessions.ts';
import type { SignIn } from '#broker/auth/sign-in.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Page, PersonItem } from '#contract/http.ts';
import { type Authentication, SESSION_COOKIE } from './authentication.ts';
import { setSession } from './session-routes.ts';

export interface PeopleRouteParts {
  readonly authentication: Authentication;
  readonly people: People;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
}

const Password = z.string().min(1).max(200);
const PersonBody = z.strictObject({
  name: PersonName,
  role: z.enum(ROLES),
  /** Without, somebody who comes by token alone. */
  password: Password.optional(),
});
const ChangeBody = z
  .strictObject({
    role: z.enum(ROLES).optional(),
    disabled: z.boolean().optional(),
    password: Password.optional(),
    /** The password until now, of somebody who changes the own. */
    current: Password.optional(),
  })
  .refine(({ role, disabled, password }) => [role, disabled, password].some((part) => part !== undefined), {
    error: 'give role, disabled or password',
  });
type ChangeBody = z.infer<typeof ChangeBody>;
const Params = z.object({ name: z.string().max(60) });
const PeopleQuery = z.strictObject({
  after: z.string().max(60).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** People of the site; for those who may, and everybody's own password. */
export function peopleRoutes(scope: FastifyInstance, parts: PeopleRouteParts): void {
  const { authentication, people } = parts;
  scope.get('/people', async (request): Promise<Page<PersonItem>> => {
    authentication.person(request, 'people');
    const { after, limit } = PeopleQuery.parse(request.query);
    const rest = sorted(people.list()).filter(({ name }) => name > after);
    const items = rest.slice(0, limit);
    return {
      items: items.map((item) => ({ ...item })),
      next: rest.length > limit ? (items.at(-1)?.name ?? null) : null,
    };
  });
  scope.post('/people', async (request, reply) => {
    const by = authentication.person(request, 'people');
    const { name, role, password = null } = PersonBody.parse(request.body);
    return reply.code(201).send(await people.add({ name, role, password }, by));
  });
  scope.patch('/people/:name', async (request, reply) => {
    const { name } = Params.parse(request.params);
    const by = authentication.anybody(request);
    const body = ChangeBody.parse(request.body);
    if (by.name === name) return changeOwn(parts, request, reply, body);
    return people.change(name, changeIn(body), authentication.person(request, 'people'));
  });
  scope.delete('/people/:name', async (request, reply) => {
    const by = authentication.person(request, 'people');
    await people.remove(Params.parse(request.params).name, by);
    return reply.code(204).send();
  });
}

/** All sessions of the person end; the one that asks goes on under another id. */
async function changeOwn(
  { people, sessions, signIn }: PeopleRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
  body: ChangeBody,
): Promise<ListedPerson> {
  const person = await proven(signIn, request, body);
  const changed = await people.change(person.name, changeIn(body), person);
  if (request.cookies[SESSION_COOKIE] !== undefined) {
    const entrant = signIn.entrant(person.name);
    if (entrant === null) return changed;
    setSession(request, reply, { id: await sessions.open(entrant), maxAge: sessions.lifetimeS });
  }
  return changed;
}

/** A console left open, or a token that leaked, is not enough to take somebody's place. */
async function proven(
  signIn: SignIn,
  { params, ip }: FastifyRequest,
  { current }: ChangeBody,
): Promise<Person> {
  if (current === undefined)
    throw new WatchpostError('WP3400', { detail: 'current: the password until now' });
  const credentials = { name: Params.parse(params).name, password: current };
  const verdict = await signIn.enter(credentials, { address: ip, over: 'http' });
  if (verdict.kind === 'limited') throw new WatchpostError('WP3352', { detail: `${verdict.waitS} s` });
  if (verdict.kind !== 'in') throw new WatchpostError('WP3351');
  return verdict.person;
}

/** What was given, and nothing else. */
const changeIn = ({ role, disabled, password }: ChangeBody): PersonChange => ({
  ...(role === undefined ? {} : { role }),
  ...(disabled === undefined ? {} : { disabled }),
  ...(password === undefined ? {} : { password }),
});

const sorted = (people: readonly ListedPerson[]): ListedPerson[] =>
  [...people].sort((a, b) => (a.name < b.name ? -1 : 1));
