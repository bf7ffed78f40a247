import { BelayError } from '../../errors';
import { type Ended, runProgram } from '../../run-program';

/** The programs by which this host's systemd is asked. */
export interface Programs {
  systemctl: string;
  journalctl: string;
}

export const usualPrograms: Programs = { systemctl: 'systemctl', journalctl: 'journalctl' };

/** The systemd of this host. */
export interface Systemctl {
  /** Returns the output. Throws `engine-unreachable` without an answer, and `launch-failed` for a refusal. */
  ask(args: string[]): Promise<string>;
  /** The same; a refusal is told by its code and words. The signal ends the wait for a job: systemd goes on with it. */
  attempt(args: string[], signal?: AbortSignal): Promise<Ended>;
  journal(args: string[]): Promise<string>;
}

/** Words of systemctl are the same in every language and zone, and never wait for a person. */
const plain = { LC_ALL: 'C', TZ: 'UTC', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0', SYSTEMD_URLIFY: '0' };

export function systemctlOf({ systemctl, journalctl }: Programs): Systemctl {
  const env = { ...process.env, ...plain };
  const run = async (command: string, args: string[], signal?: AbortSignal) => {
    signal?.throwIfAborted();
    const ended = await runProgram({ command, args, env, most: 16 * 1024 ** 2, signal });
    signal?.throwIfAborted();
    if (isSilent(ended)) throw unreachable(ended);
    return ended;
  };
  const attempt = (args: string[], signal?: AbortSignal) => run(systemctl, ['--no-ask-password', ...args], signal);
  return {
    attempt,
    async ask(args) {
      const ended = await attempt(args);
      if (ended.code === 0) return ended.output;
      throw refusal(args, ended);
    },
    async journal(args) {
      const { code, output, why } = await run(journalctl, ['--no-pager', '--quiet', ...args]);
      if (code === 0 || output === '') return output;
      throw new BelayError('unexpected', `journalctl: ${why}`);
    },
  };
}

const silence =
  /not been booted with systemd|Failed to connect to (system )?bus|Failed to get D-Bus connection|Connection refused|Host is down|Transport endpoint is not connected/i;

const isSilent = ({ code, errors }: Ended): boolean => typeof code === 'string' || (code !== 0 && silence.test(errors));

const unreachable = ({ why }: Ended): BelayError =>
  new BelayError('engine-unreachable', `systemd of this host does not answer: ${why}`, {
    hint: 'the worker must run on the host itself, as root, and the host must be booted with systemd: systemctl is-system-running',
  });

function refusal(args: string[], { why }: Ended): BelayError {
  const verb = args.find((one) => !one.startsWith('-')) ?? '';
  if (/access denied|interactive authentication|permission denied/i.test(why))
    return new BelayError('preflight-failed', `systemctl ${verb}: this user may not do that`, {
      hint: 'run the worker as root: it installs files, and starts and stops units',
    });
  return new BelayError('launch-failed', `systemctl ${verb}: ${why}`);
}
