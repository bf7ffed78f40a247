import { readFile } from 'node:fs/promises';
import { read } from './api';

/**
 * Returns true if the HAProxy of that runtime API is known to listen on the port of this machine, as this process sees
 * it. One in another network or PID namespace, as in most containers, or on another machine, is not.
 */
export async function listensHere(socket: string, port: number, proc = '/proc'): Promise<boolean> {
  const info = await read(socket, { command: 'show info', begins: 'Name:' });
  const pid = /^Pid: (\d+)$/m.exec(info)?.[1];
  // A number of another PID namespace leads to some other process here.
  const name = await readFile(`${proc}/${pid}/comm`, 'utf8').catch(() => '');
  if (!/^ha(proxy|pee)/.test(name)) return false;
  const [own, its] = await Promise.all(['self', pid].map((process) => socketsAt(port, `${proc}/${process}/net`)));
  // Inodes of sockets are of the whole machine, so one that both see is of the same network.
  return own!.some((inode) => its!.includes(inode));
}

const listen = '0A';

/** Returns the inodes of the sockets that listen on the port. Source of the format: proc(5), /proc/net/tcp. */
async function socketsAt(port: number, folder: string): Promise<string[]> {
  const tables = ['tcp', 'tcp6'].map((name) => readFile(`${folder}/${name}`, 'utf8').catch(() => ''));
  const rows = (await Promise.all(tables)).flatMap((text) => text.split('\n')).map((row) => row.trim().split(/\s+/));
  const isAsked = ([, local = '', , state]: string[]) =>
    state === listen && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
  return rows.filter(isAsked).map((cells) => cells[9]!);
}
