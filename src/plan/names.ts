import type { ServiceInput } from './plan-release';

/**
 * Name and ports of one instance after another that the release launches. Containers that Compose started come back under
 * their own, those that still run aside.
 */
export function createNames({ platform, desired, observed, revision, takePort }: ServiceInput) {
  const running = observed.instances.filter((one) => one.state === 'running').map((one) => one.name);
  const comeBack = (desired.kept?.instances ?? []).filter((one) => !running.includes(one.name));
  let count = 0;
  return (): { name: string; ports: Record<string, number> } => {
    const kept = comeBack[count];
    count += 1;
    const ports = () => Object.fromEntries(desired.ports.map((port) => [port, takePort()]));
    return kept ?? { name: `${platform}-${desired.service}-r${revision}-${count}`, ports: ports() };
  };
}
