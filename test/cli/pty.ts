import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The output of a program on its terminal, and its end. */
export interface Session {
  out: string;
  code: number;
}

/**
 * Runs the arguments in a terminal of their own; presses Ctrl-C that many times once the text is there, or, without one,
 * once standard input ends.
 */
const helper = `
import json, os, pty, select, signal, sys, time
until, times, *argv = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
out, pressed, deadline = b'', False, time.monotonic() + 60
def press():
    for _ in range(int(times)):
        os.write(fd, b'\\x03')
while time.monotonic() < deadline:
    ready = select.select([fd] if until or pressed else [fd, 0], [], [], 1)[0]
    if 0 in ready:
        pressed = True
        press()
    if fd not in ready:
        continue
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    out += piece
    if until and not pressed and until.encode() in out:
        pressed = True
        press()
else:
    os.kill(pid, signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
print(json.dumps({'out': out.decode(errors='replace'), 'code': os.waitstatus_to_exitcode(status)}))
`;

interface Interrupted {
  argv: string[];
  /** Ctrl-C comes when this text has been written, or this has happened. */
  until: string | Promise<unknown>;
  times?: number;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** A program in a real terminal, interrupted. */
export async function interrupted({ argv, until, times = 1, env, cwd }: Interrupted): Promise<Session> {
  const words = typeof until === 'string' ? until : '';
  const child = spawn('python3', ['-c', helper, words, `${times}`, ...argv], { env, cwd });
  if (typeof until !== 'string') void until.finally(() => child.stdin.end());
  const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (wrong) throw new Error(wrong);
  return JSON.parse(said) as Session;
}
