import { signalNumber } from '../signals';
import type { Evidence, Run } from './evidence';
import type { FindingId, Said } from './finding';
import { repeatedCleanUps } from './repeated';

interface Rule {
  says(evidence: Evidence): Said;
  fix: string;
}

/** Time after the signal in which a service may still answer as before, and still be ready. */
const politeness = 500;
const readyPatience = 1_000;
const slowFrom = 10_000;
/** By so much the times of two equal stops differ. */
const noise = 300;
/** Exit codes after Ctrl-C: in order, and by the signal's default action. */
const afterInterrupt = [0, 130];

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const hidden = { unknown: "this worker cannot see the instance's processes in /proc" };

/** What each finding goes by. Pure. */
export const rules: Record<FindingId, Rule> = {
  'no-handler': {
    says({ signal, first }) {
      const { leader, exit } = first;
      // An init that waits for signals shows no handler, and ends by them all the same.
      if (exit) return undefined;
      if (!leader) return hidden;
      if (leader.catches && wentOn(first))
        return `${signal} changed nothing: it went on as before, without a word in its log`;
      if (leader.ignores) return `its first process, ${leader.name}, ignores ${signal}`;
      if (leader.catches || leader.shell) return undefined;
      return `its first process, ${leader.name}, does not handle ${signal}: the kernel drops a signal that the first process of a container does not catch`;
    },
    fix: 'handle SIGTERM in the program; init: true in the Compose file alone only spares the wait for the kill',
  },
  'shell-form': {
    says({ signal, first: { leader, exit } }) {
      if (exit) return undefined;
      if (!leader) return hidden;
      if (leader.catches || leader.ignores || !leader.shell) return undefined;
      return `its first process is a shell, ${leader.name}, which does not pass ${signal} on to the program`;
    },
    fix: 'write the command in exec form (["node", "server.js"]), or start the program with exec in the script',
  },
  'forced-kill': {
    says({ wait, first: { exit, left = {} } }) {
      if (exit) return undefined;
      const had = [
        left.threads === undefined ? undefined : counted(left.threads, 'thread'),
        left.children && counted(left.children.length, 'child process').replace('processs', 'processes'),
        left.sockets && counted(left.sockets.length, 'listening socket'),
      ].filter((one) => one !== undefined);
      return `it still ran ${seconds(wait)} after the signal, and had to be killed${had.length > 0 ? `, with ${had.join(', ')}` : ''}`;
    },
    fix: 'end the program once its requests are answered, and bound each wait of its shutdown by a time',
  },
  slow: {
    says: ({ first: { exit } }) =>
      exit && exit.after > slowFrom ? `it took ${seconds(exit.after)} to exit` : undefined,
    fix: 'bound the waits of the shutdown: timeouts on requests, pools and queues',
  },
  'exit-code': {
    says({ signal, first: { exit, leader } }) {
      if (!exit || exit.code === 0) return undefined;
      if (exit.code === undefined) return { unknown: 'the engine did not tell the exit code' };
      if (exit.code !== codeOf(signal)) return `it exited with code ${exit.code}`;
      if (!leader) return `it exited with code ${exit.code}, as by the default action of ${signal}`;
      if (leader.javaVm) return undefined;
      return leader.handles
        ? `it exited with code ${exit.code}, as by the default action of ${signal}: the handler that is there may be one of its language, as Go and Node have, which ends the program at once; let your own handler exit with 0, and the code tells which one ran`
        : `it exited with code ${exit.code}: the default action of ${signal} ended it, and no handler ran`;
    },
    fix: 'handle the stop signal, and exit with 0 once all is closed',
  },
  'signal-code': {
    says: ({ signal, first: { exit, leader } }) =>
      exit && exit.code === codeOf(signal) && leader?.javaVm
        ? `it exited with code ${exit.code}, as a Java VM does after its shutdown hooks`
        : undefined,
    fix: 'nothing, if the program has shutdown hooks (Runtime.addShutdownHook); an exit with 0 would say so without a look',
  },
  cut: {
    says({ asked, first: { flight } }) {
      if (asked !== 'http') return undefined;
      if (!flight)
        return {
          unknown: 'no request was in flight at the signal: each was answered before, or the port speaks no plain HTTP',
        };
      return flight.cut > 0
        ? `${flight.cut} of ${counted(flight.requests, 'request')} in flight got no answer`
        : undefined;
    },
    fix: 'on the signal, stop accepting, answer what is in flight, and exit only then',
  },
  'still-answers': {
    says({ asked, first: { requests } }) {
      if (asked !== 'http') return undefined;
      const late = requests.filter(({ at, reply }) => at > politeness && reply === 'answered').at(-1);
      return late && `a new request was answered as before ${seconds(late.at)} after the signal`;
    },
    fix: 'close the listening socket on the signal, or answer 503 with Connection: close',
  },
  'no-close': {
    says: ({ first: { requests } }) =>
      requests.some(({ reply }) => reply === 'unavailable')
        ? 'it answers 503 without Connection: close, so clients keep their connections to it'
        : undefined,
    fix: 'send Connection: close with each answer after the signal',
  },
  'ready-late': {
    says({ first: { readiness, requests } }) {
      const refusedAt = requests.find(({ reply }) => reply !== 'answered' && reply !== 'lost')?.at;
      const late = readiness?.filter(({ at, ready }) => ready && (at > readyPatience || at > (refusedAt ?? at))).at(-1);
      return late && `its readiness check still said ready ${seconds(late.at)} after the signal`;
    },
    fix: 'let the readiness check fail from the signal on',
  },
  'keep-alive': {
    says({ first, second, interrupt }) {
      if (!first.exit || !second?.exit) return undefined;
      // A second signal may have shortened the stop, which SIGINT alone does not.
      const others = [second, ...(interrupt?.exit ? [interrupt] : [])].map(({ exit }) => exit!.after);
      const [own, other] = [first.exit.after, Math.max(...others)];
      if (own - other <= 1_000 || own <= 3 * other) return undefined;
      return `with an idle keep-alive connection it took ${seconds(own)} to exit, and ${seconds(other)} without`;
    },
    fix: 'close idle connections on the signal (Node: server.closeIdleConnections(); others: a short keep-alive timeout)',
  },
  children: {
    says({ first: { exit, left, children, leader }, orphans, held }) {
      if (left?.children && left.children.length > 0)
        return `it left ${namesOf(left.children)} running ${exit ? 'after its stop' : 'until it was killed'}`;
      if (!exit) return left?.children ? undefined : hidden;
      if (orphans) return undefined;
      if (children === undefined) return leader ? undefined : hidden;
      if (children === 0) return undefined;
      if (!held) return { unknown: 'its children could not be held back to see if it waits for them' };
      // A program that bounds its wait for them, and then kills them, ends later than usual.
      if (held.after !== undefined && held.after > exit.after + noise)
        return {
          unknown: 'with its children held back it ended later: it may have waited for them, and then killed them',
        };
      return held.after !== undefined
        ? `it exits without waiting for its children (${namesOf(held.names)}), which the kernel then kills`
        : undefined;
    },
    fix: 'pass the signal on to child processes, wait for their end, and exit after them; a unit: KillMode=control-group',
  },
  zombies: {
    says({ first: { zombies } }) {
      if (zombies === undefined) return hidden;
      return zombies > 0
        ? `${zombies === 1 ? 'an ended child process was' : `${zombies} ended child processes were`} never collected (zombies)`
        : undefined;
    },
    fix: 'wait for child processes, or write init: true in the Compose file, which collects them',
  },
  sockets: {
    says({ first: { exit, left } }) {
      if (!exit && !left?.sockets) return { unknown: 'this worker cannot see the sockets of the instance' };
      const open = left?.sockets ?? [];
      if (open.length === 0) return undefined;
      const ports = `${open.length === 1 ? 'port' : 'ports'} ${open.join(', ')}`;
      return exit
        ? `what it left running still listens at ${ports}`
        : `it still listened at ${ports} at the end of the wait`;
    },
    fix: 'close listening sockets first, right after the signal',
  },
  'second-signal': {
    says({ signal, first, second }) {
      const change = second?.twice && changeOf(first, second);
      return change && `a second ${signal} changed the end: ${change}`;
    },
    fix: 'let the handler run once, and ignore further signals while it does',
  },
  sigint: {
    says({ interrupt }) {
      if (!interrupt) return undefined;
      if (!interrupt.exit) return 'SIGINT did not end it';
      const { code } = interrupt.exit;
      return code === undefined || afterInterrupt.includes(code)
        ? undefined
        : `after SIGINT it exited with code ${code}`;
    },
    fix: 'handle SIGINT as the stop signal: it is what Ctrl-C sends in a terminal',
  },
  'repeated-cleanup': {
    says({ first: { log } }) {
      const [line] = repeatedCleanUps(log);
      return line && `its log tells the same clean-up more than once: ${line.slice(0, 120)}`;
    },
    fix: 'run each clean-up once, from one handler',
  },
  'no-restart': {
    says: ({ notAgain }) => notAgain && `started again right after its stop, ${notAgain}`,
    fix: 'remove what the stop leaves behind, such as lock files and pid files, or ignore it at the start',
  },
};

/** Node, for one, catches SIGTERM for its own sake, and then takes the default action: none, for a first process. */
const wentOn = ({ exit, requests, log }: Run): boolean =>
  !exit && requests.length > 1 && requests.every(({ reply }) => reply === 'answered') && log.trim() === '';

/** The code of a process that a signal ended, as a shell tells it. */
const codeOf = (signal: string): number => 128 + (signalNumber(signal) ?? Number.NaN);

const namesOf = (names: string[]): string => [...new Set(names)].join(', ');

/** The first difference of two ends, in words. */
function changeOf(first: Run, second: Run): string | undefined {
  if (first.exit && !second.exit) return 'it no longer exited';
  if (!first.exit && second.exit) return `it exited, with code ${second.exit.code ?? 'unknown'}`;
  if (first.exit?.code !== second.exit?.code)
    return `it exited with code ${second.exit?.code ?? 'unknown'} instead of ${first.exit?.code ?? 'unknown'}`;
  if ((second.flight?.cut ?? 0) > 0 && first.flight?.cut === 0) return 'requests in flight were cut';
  return undefined;
}
