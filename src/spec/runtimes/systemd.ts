import { z } from 'zod';
import { Port } from '../checks/parts';
import { absolutePath, sentence } from '../words';
import type { RuntimeKind } from './kind';

const unitName = (pattern: RegExp, example: string) =>
  z
    .string()
    .max(200)
    .regex(
      /^[^\\]*$/,
      `has an escaped character (\\x2d), which Belay does not take — write the unit under a plain name, such as ${example}`,
    )
    .regex(pattern, `is not the name of a service unit — write ${example}`);
const letters = '[\\w:.\\\\-]';
const account = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'is not the name of an account — write lower-case letters, such as shop');
const line = z.string().regex(/^[^\n\r]*$/, 'has several lines — write it on one');
const Setting = z.union([line, z.number(), z.boolean()]);

const Artifact = z
  .strictObject({
    file: sentence(z.string().min(1).optional(), 'An executable on the host, by its path from this folder.'),
    folder: sentence(z.string().min(1).optional(), 'A folder on the host, by its path from this folder.'),
    archive: sentence(
      z.string().min(1).optional(),
      'A tar archive on the host (.tar, .tar.gz, .tgz), which is unpacked.',
    ),
    http: sentence(
      z
        .string()
        .regex(/^https?:\/\/[^\s@]+$/, 'is not an address that all may see — write https://… without name and password')
        .optional(),
      'An HTTP address; what ends in .tar, .tar.gz or .tgz is unpacked.',
    ),
    sha256: sentence(
      z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 — write 64 hexadecimal digits')
        .optional(),
      'The SHA-256 that it must have; with http it must be there.',
    ),
    install: sentence(
      absolutePath,
      "Path of a symbolic link that Belay makes to the released file or folder; %i is the instance's port.",
    ),
    owner: sentence(account.optional(), 'The owner of its files; root where absent.'),
    group: sentence(account.optional(), 'The group of its files; root where absent.'),
    mode: sentence(
      z
        .string()
        .regex(/^0?[0-7]{3}$/, 'is not a mode — write it in quotes, such as "0750"')
        .optional(),
      'The mode of its folders; executables get it without w, other files without x. "0755" where absent.',
    ),
  })
  .describe('The files that the unit runs: exactly one of file, folder, archive and http.');

/** The keys of a service that only systemd takes. */
export const systemdKeys = {
  runtime: sentence(z.literal('systemd'), 'What runs its instances; docker where absent.'),
  unit: sentence(
    unitName(new RegExp(`^${letters}+(@${letters}+)?\\.service$`), 'shop-worker.service').optional(),
    'The unit of its only instance.',
  ),
  template: sentence(
    unitName(new RegExp(`^${letters}+@\\.service$`), 'shop-api@.service').optional(),
    'The template unit of its instances; %i of each is the port at which it listens.',
  ),
  ports: sentence(
    z.array(Port).min(1).optional(),
    'With template: the ports that its instances may have; more of them than instances allow surge.',
  ),
  unit_file: sentence(
    z.string().min(1).optional(),
    'The unit, by its path from this folder, that Belay installs; absent: the host has it.',
  ),
  user: sentence(account.optional(), 'With unit_file: a system user that Belay ensures.'),
  artifact: sentence(Artifact.optional(), 'The files that the unit runs; absent: Belay changes settings alone.'),
  env: sentence(
    z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'is not the name of a variable'), line).optional(),
    'Environment variables, for all to see: secrets belong in credentials. Values are taken as written, percent signs too.',
  ),
  env_files: sentence(
    z.array(absolutePath).optional(),
    'Files on the host with environment variables; if two set a variable, the later file wins, and files win over env.',
  ),
  credentials: sentence(
    z.record(z.string().regex(/^[A-Za-z0-9_][\w.-]*$/, 'is not the name of a credential'), absolutePath).optional(),
    'Files with secrets on the host, which systemd hands to the service under these names.',
  ),
  settings: sentence(
    z
      .record(
        z.string().regex(/^[A-Z][A-Za-z0-9]+$/, 'is not a directive — write its name, such as MemoryMax'),
        z.union([Setting, z.array(Setting)]),
      )
      .optional(),
    'Other directives of the [Service] section, such as limits and hardening.',
  ),
};

/** True for an address of an archive, which is unpacked. Pure. */
export const isTarAt = (address: string): boolean => /^[^?#]*\.(tar|tar\.gz|tgz)([?#]|$)/.test(address);

/** True for the same unit, and for a template and an instance of it. Pure. */
export const isSameUnit = (one: string, other: string): boolean =>
  one === other || templateOf(one) === other || one === templateOf(other);

const templateOf = (unit: string): string => unit.replace(/@.+\.service$/, '@.service');

export const systemd: RuntimeKind = {
  capabilities: { ports: 'own', networks: false, inPlace: true, keepsFirst: true },
};
