import type { AskedAddress, DesiredValidation } from '../model/desired';
import { askedAs } from '../project/desired-needs';
import type { Project } from '../project/project';
import { kindsWith, type NeedOptions, needKinds, needOptions } from '../spec/checks';
import { requestKeys } from '../spec/platform-test';
import type { PlatformTest } from '../spec/spec';
import { authorityIn } from './authority';

/** The tests of the whole platform, each with the address that it asks. */
export const platformTests = ({ spec, folder }: Pick<Project, 'spec' | 'folder'>): DesiredValidation[] =>
  spec.validate.map((test, index) => {
    const { name, when, later, timeout, every, failures, inconclusive, errors, prometheus } = test;
    const limits = { later, every, failures, inconclusive, errors };
    const asked = askedBy(test, folder, (file) => authorityIn({ folder }, file, `validate[${index}].ca`));
    return { name, when, timeout, status: 200, ...limits, ...(prometheus && { prometheus }), ...(asked && { asked }) };
  });

function askedBy(test: PlatformTest, folder: string, read: (file: string) => string): AskedAddress | undefined {
  if (test.metric) {
    const { url: text, ...metric } = test.metric;
    return { kind: 'metric', text, metric };
  }
  const kind = needKinds.find((one) => test[one] !== undefined);
  if (!kind) return undefined;
  const own = needOptions.filter((key) => key !== 'status' && kindsWith(key).includes(kind) && test[key] !== undefined);
  const options: NeedOptions = Object.fromEntries(own.map((key) => [key, test[key]]));
  const asked = { ...askedAs(kind, test, folder), ...options };
  if (kind !== 'http') return asked;
  const keys = [...Object.keys(requestKeys), 'status'] as Array<keyof PlatformTest>;
  const request = Object.fromEntries(keys.flatMap((key) => (test[key] === undefined ? [] : [[key, test[key]]])));
  return { ...asked, request: { ...request, ...(test.ca !== undefined && { ca: read(test.ca) }) } };
}
