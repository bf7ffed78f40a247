import { bad, type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { titleOf } from './title';

type Facts = Pick<UnitFacts, 'unit' | 'service' | 'text' | 'linkedTo'>;

/** Checks if systemd can load the unit, and from its own folder. Pure. */
export function checkUnitFile({ unit, service, linkedTo }: Facts): Check {
  const { id, load, active, file, changed } = unit;
  const title = titleOf(id);
  if (load === 'not-found' && service.installed && active === 'active')
    return bad(
      title,
      'runs, and its unit file is gone: nothing starts it after a reboot',
      `belay restart --service ${service.name} writes the file again`,
    );
  if (load === 'not-found')
    return service.installed
      ? ok(title, 'is not there yet: the first release installs it')
      : bad(title, 'systemd does not have this unit', `install /etc/systemd/system/${id}, or name it in unit_file`);
  if (load === 'masked') return bad(title, 'is masked: systemd refuses to start it', `systemctl unmask ${id}`);
  if (load !== 'loaded') return bad(title, `systemd cannot load it (${load})`, `systemd-analyze verify ${file || id}`);
  if (changed) return warn(title, `${file} has changed since systemd read it`, 'systemctl daemon-reload');
  if (linkedTo !== undefined)
    return warn(
      title,
      `${file} is a symbolic link to ${linkedTo}: a deployment that replaces that file changes the unit`,
      `cp --remove-destination ${linkedTo} ${file} && systemctl daemon-reload`,
    );
  if (file.startsWith('/run/'))
    return warn(title, `${file} is gone after a reboot`, `install --mode=644 ${file} /etc/systemd/system/${id}`);
  return ok(title, `loaded from ${file}`);
}

/** Settings of old, and their successors. Source: systemd.resource-control(5), systemd.exec(5). */
const successors: Array<{ old: RegExp; instead: (value: string) => string }> = [
  { old: /^MemoryLimit=(.+)$/m, instead: (value) => `MemoryMax=${value}` },
  { old: /^CPUShares=(.+)$/m, instead: () => 'CPUWeight=100' },
  { old: /^BlockIOWeight=(.+)$/m, instead: () => 'IOWeight=100' },
  { old: /^StandardOutput=(syslog\S*)$/m, instead: () => 'StandardOutput=journal' },
  { old: /^StandardError=(syslog\S*)$/m, instead: () => 'StandardError=journal' },
];

/** Checks for settings that a later systemd ignores. Pure. */
export function checkOutdated({ unit, text }: Pick<Facts, 'unit' | 'text'>): Check[] {
  return successors.flatMap(({ old, instead }) => {
    const [line, value] = old.exec(text) ?? [];
    if (line === undefined) return [];
    const found = warn(titleOf(unit.id), `${line} is deprecated: a later systemd ignores it`, `in ${unit.file}, write`);
    return [{ ...found, lines: [instead(value!)] }];
  });
}
