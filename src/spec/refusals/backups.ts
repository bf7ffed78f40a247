import { type Backup, kindsOfTheMachine, partOf } from '../backups';
import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import type { ServiceContext } from '.';

/** Problems of a service's backups. */
export function backupRefusals({ spec, composed, service, path }: ServiceContext): Problem[] {
  const all = Object.entries(spec.services).flatMap(([name, { backup }]) => backup.map((one) => ({ name, one })));
  return service.backup.flatMap((one, index) => {
    const at: Path = [...path, 'backup', index];
    const name = String(path.at(-1));
    const first = all.find((other) => thingOf(other) === thingOf({ name, one }))!;
    const isTwice = first.name !== name || service.backup.indexOf(first.one) < index;
    return [
      ...(spec.backups ? [] : [noPlace(at)]),
      ...(isTwice
        ? [{ path: at, message: 'is of the same thing as another one', hint: 'leave one of the two out' }]
        : []),
      ...(service.runtime === 'systemd' && one.service === undefined ? noContainer(one, at) : []),
      ...unknownService(one, { at, known: [...(composed ?? []), ...Object.keys(spec.services)] }),
      ...(spec.backups ? unreadable(one, { at, identity: spec.backups.identity }) : []),
    ];
  });
}

const noPlace = (path: Path): Problem => ({
  path,
  message: 'has no place to go to',
  hint: 'write backups: { folder: /srv/backups } beside services',
  reads: [['backups']],
});

function noContainer(one: Backup, at: Path): Problem[] {
  const { kind } = partOf(one);
  if (kindsOfTheMachine.includes(kind)) return [];
  const message = 'is read in a container, and this service is a unit';
  return [{ path: [...at, kind], atKey: true, message, hint: `write ${kindsOfTheMachine.join(' or ')} instead` }];
}

function unknownService({ service }: Backup, { at, known }: { at: Path; known: string[] }): Problem[] {
  if (service === undefined || known.includes(service)) return [];
  const meant = didYouMean(service, known);
  const hint = meant ? `did you mean ${meant}?` : `write one of ${known.join(', ')}`;
  return [{ path: [...at, 'service'], message: `there is no service ${service}`, hint }];
}

function unreadable({ encrypt, verify }: Backup, { at, identity }: { at: Path; identity?: string }): Problem[] {
  if (encrypt.length === 0 || !verify || identity !== undefined) return [];
  const message = 'cannot read what encrypt has closed';
  const hint = 'write the file of an identity of age in backups, as identity: /root/age.txt; or leave verify out';
  return [{ path: [...at, 'verify'], atKey: true, message, hint, reads: [['backups', 'identity']] }];
}

const thingOf = ({ name, one }: { name: string; one: Backup }): string =>
  JSON.stringify([one.service ?? name, partOf(one)]);
