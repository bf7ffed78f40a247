import { z } from 'zod';
import { BelayError } from '../../errors';
import type { ProxyServer } from '../proxy';
import type { Runner } from './run';

/** An answer may say more; only this is read. */
const member = z.object({
  member: z.string().min(1),
  address: z.string().regex(/^\S+:\d+$/, 'expected host:port, such as 127.0.0.1:20001'),
  state: z.enum(['ready', 'drain', 'maint']),
});
const counted = member.extend({ in_flight: z.int().min(0) });

const answerOf = <M extends z.ZodType<{ member: string }>>(one: M) =>
  z.object({ members: z.array(one).superRefine(refuseTwice) });
const answers = { plain: answerOf(member), counted: answerOf(counted) };

/** Returns the members of an answer of `observe` that lead somewhere. Throws `proxy-refused` for a wrong one. Pure. */
export function membersIn(output: string, runner: Runner, backend: string): ProxyServer[] {
  const answer = runner.spec.counts ? answers.counted : answers.plain;
  const result = answer.safeParse(parsed(output, runner, backend));
  if (!result.success) throw wrong(runner, backend, faultOf(result.error.issues[0]!));
  return result.data.members
    .filter(({ state }) => state !== 'maint')
    .map(({ member, address, state, ...more }) => ({
      server: member,
      address,
      state,
      check: 'none',
      ...('in_flight' in more && { inFlight: more.in_flight as number }),
    }));
}

function parsed(output: string, runner: Runner, backend: string): unknown {
  try {
    return JSON.parse(output);
  } catch (cause) {
    throw wrong(runner, backend, `is no JSON: ${(cause as Error).message}`);
  }
}

const faultOf = ({ path, message }: z.core.$ZodIssue): string =>
  `is wrong${path.length > 0 ? ` at ${z.core.toDotPath(path)}` : ''}: ${message}`;

const wrong = ({ name, spec }: Runner, backend: string, fault: string): BelayError =>
  new BelayError('proxy-refused', `proxy ${name}: the answer of observe (${spec.observe[0]}) for ${backend} ${fault}`, {
    hint: `expected is {"members": [{"member": "s1", "address": "127.0.0.1:20001", "state": "ready"${spec.counts ? ', "in_flight": 0' : ''}}]}; state is ready, drain or maint`,
  });

function refuseTwice(members: { member: string }[], context: z.RefinementCtx): void {
  members.forEach(({ member }, index) => {
    if (members.findIndex((one) => one.member === member) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'member'], message: `${member} is there twice` });
  });
}
