/** A TCP socket on which a program listens. */
export interface Listener {
  address: string;
  port: number;
  /** The program's control group. */
  controlGroup: string;
}

/** Returns the listeners in the output of `ss -tlnH --cgroup`. Pure. */
export function parseListeners(output: string): Listener[] {
  return output.split('\n').flatMap((line) => {
    const [, , , local = ''] = line.trim().split(/\s+/);
    const controlGroup = /cgroup:(\S+)/.exec(line)?.[1];
    const [, address, port] = /^(.*):(\d+)$/.exec(local) ?? [];
    if (address === undefined || controlGroup === undefined) return [];
    return [{ address: address.replace(/^\[|\]$|%.*$/g, ''), port: Number(port), controlGroup }];
  });
}

/** Returns the listeners of a unit, whichever of its processes has them. Pure. */
export const listenersIn = (listeners: Listener[], { controlGroup }: { controlGroup: string }): Listener[] =>
  listeners.filter(
    (one) =>
      controlGroup !== '' && (one.controlGroup === controlGroup || one.controlGroup.startsWith(`${controlGroup}/`)),
  );

export const isLoopback = ({ address }: Pick<Listener, 'address'>): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

/** Returns the ports, ascending, each once. Pure. */
export const portsOf = (listeners: Listener[]): number[] =>
  [...new Set(listeners.map(({ port }) => port))].sort((a, b) => a - b);
