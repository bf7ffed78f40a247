import { createHash } from 'node:crypto';
import { digestOfFile } from '../../hosts/digest';
import { allKeptRevisions, keptFiles } from '../../hosts/kept-artifacts';
import type { Adoption } from '../runtime';
import { areThere } from './artifacts/store';
import { foundTemplate } from './found';
import { noteUnit } from './found-notes';
import type { SystemdTemplate } from './template';
import { type SystemdHost, seatAt, showUnit } from './units';

/** Units that run without Belay. What they run is kept when the first release takes its path. */
export function adoptionOf(host: SystemdHost): Adoption {
  return {
    snapshot: async (name) => await foundTemplate(await seatAt(host, name)),
    variables: async () => [],
    async artifactOf(template) {
      const { unit } = template as SystemdTemplate;
      const state = await showUnit(host, unit);
      const [path] = state.programs;
      if (path === undefined) return undefined;
      const sha256 = await digestOfFile(`/proc/${state.pid}/exe`).catch(() =>
        digestOfFile(path).catch(() => undefined),
      );
      return { kind: 'file', source: path, sha256: sha256 ?? createHash('sha256').update(path).digest('hex') };
    },
    async isHere(templates) {
      const keys = (await allKeptRevisions(host)).filter(({ revision }) => revision === 0);
      const kept = (await Promise.all(keys.map((key) => keptFiles(host, key)))).flatMap((one) => one?.found ?? []);
      const units = templates.map((template) => (template as SystemdTemplate).unit);
      const own = kept.filter(({ unit }) => units.includes(unit));
      return units.length > 0 && units.every((unit) => own.some((one) => one.unit === unit)) && (await areThere(own));
    },
    keep: async (template, key) => await noteUnit(host, (template as SystemdTemplate).unit, key),
  };
}
