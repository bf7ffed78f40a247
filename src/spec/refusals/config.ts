import type { ConfigFile } from '../config';
import { configEndings, configFormat } from '../config-format';
import { inFolder } from '../file-name';
import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import { isDocker, type Spec } from '../spec';

interface Configured {
  file: string;
  rules: ConfigFile;
  path: Path;
}

/** Problems of configuration files and their rules. */
export function configRefusals({ config = {}, services }: Spec): Problem[] {
  return Object.entries(config).flatMap(([file, rules]) => {
    const one: Configured = { file, rules, path: ['config', file] };
    return [...unknownFormat(one), ...itself(one), ...ofImages(one, services), ...contradictions(one), ...lossy(one)];
  });
}

function unknownFormat({ file, path }: Configured): Problem[] {
  if (configFormat(file)) return [];
  return [
    {
      path,
      atKey: true,
      message: 'has a format that Belay does not know',
      hint: `name a file that ends in ${configEndings}`,
    },
  ];
}

function itself({ file, rules, path }: Configured): Problem[] {
  if (rules.image !== undefined || inFolder(rules.from) !== inFolder(file)) return [];
  return [{ path: [...path, 'from'], message: 'is the file itself', hint: 'name its example, such as .env.example' }];
}

function ofImages({ rules: { image }, path }: Configured, services: Spec['services']): Problem[] {
  const found = image === undefined ? undefined : services[image];
  if (image === undefined || (found && isDocker(found))) return [];
  const known = Object.entries(services).flatMap(([name, one]) => (isDocker(one) ? [name] : []));
  const message = found ? `${image} is a unit, and has no image` : `there is no service ${image}`;
  const meant = didYouMean(image, known);
  const hint = meant ? `did you mean ${meant}?` : `write one of ${known.join(', ')}, or leave image out`;
  return [{ path: [...path, 'image'], message, hint, reads: [['services', image]] }];
}

/** Each key has one rule. The old name of a key that is renamed is a key of its own. */
function contradictions({ rules, path }: Configured): Problem[] {
  const taken = new Map<string, string>();
  const rulesOf: Array<[Path, string, string]> = [
    ...Object.keys(rules.rename).map((key): [Path, string, string] => [['rename', key], key, 'rename']),
    ...rules.drop.map((key, index): [Path, string, string] => [['drop', index], key, 'drop']),
    ...Object.keys(rules.set).map((key): [Path, string, string] => [['set', key], key, 'set']),
    ...Object.keys(rules.from_secret).map((key): [Path, string, string] => [['from_secret', key], key, 'from_secret']),
  ];
  const twice = rulesOf.flatMap(([at, key, rule]): Problem[] => {
    const before = taken.get(key);
    taken.set(key, rule);
    if (before === undefined) return [];
    return [{ path: [...path, ...at], message: `${key} stands in ${before} too`, hint: 'give each key one rule' }];
  });
  return [...twice, ...wrongTargets({ rules, path })];
}

/** Two keys cannot get one name, and a new name is not taken away again. */
function wrongTargets({ rules, path }: Pick<Configured, 'rules' | 'path'>): Problem[] {
  const targets = Object.values(rules.rename);
  return Object.entries(rules.rename).flatMap(([from, to], index): Problem[] => {
    const at: Path = [...path, 'rename', from];
    if (to in rules.rename || rules.drop.includes(to))
      return [{ path: at, message: `${to} is renamed or dropped itself`, hint: 'write the last name' }];
    if (targets.indexOf(to) < index)
      return [{ path: at, message: `${to} is the new name of another key`, hint: 'give each key a name of its own' }];
    return [];
  });
}

/** `1.10` is the number 1.1. */
function lossy({ file, rules, path }: Configured): Problem[] {
  if (configFormat(file) !== 'env') return [];
  return Object.entries(rules.set).flatMap(([key, value]): Problem[] =>
    typeof value === 'number' && !Number.isInteger(value)
      ? [
          {
            path: [...path, 'set', key],
            message: `takes text in an env file, not the number ${value}`,
            hint: `write "${value}", with all its digits`,
          },
        ]
      : [],
  );
}
