import { createRequire } from 'node:module';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

/** Loading takes tens of milliseconds, and few checks need it. */
export const loader = () => require('@grpc/proto-loader') as typeof import('@grpc/proto-loader');

/** A set of proto files, while it is read. */
interface Root {
  /** Returns the path of an imported file, or of the first one, which no file imports. */
  resolvePath: (importer: string, target: string) => string;
  loadSync: (name: string, options: object) => Root;
  resolveAll: () => Root;
  toJSON: () => object;
}

/** The parser of the loader, which decides itself where imports lead. */
export const parser = () =>
  createRequire(require.resolve('@grpc/proto-loader'))('protobufjs') as { Root: new () => Root };

export interface Question {
  file_containing_symbol?: string;
  file_by_filename?: string;
}

export interface Answer {
  found?: { file_descriptor_proto: Buffer[] };
  failed?: object;
}

export interface Protocol {
  question: MessageTypeDefinition<Question, Question>;
  answer: MessageTypeDefinition<Answer, Answer>;
  /** A set of files. */
  files: MessageTypeDefinition<{ file: Buffer[] }, object>;
  file: MessageTypeDefinition<object, { name: string; dependency?: string[] }>;
}

let loaded: Protocol | undefined;

/** Returns the parts of server reflection, and of its descriptors, that a call needs. v1 and v1alpha share them. */
export function protocol(): Protocol {
  const text = { type: 'string' };
  const bytes = { rule: 'repeated', type: 'bytes', id: 1 };
  const nested = {
    question: { fields: { file_by_filename: { ...text, id: 3 }, file_containing_symbol: { ...text, id: 4 } } },
    answer: { fields: { found: { type: 'Found', id: 4 }, failed: { type: 'Failed', id: 7 } } },
    Found: { fields: { file_descriptor_proto: bytes } },
    Failed: { fields: {} },
    files: { fields: { file: bytes } },
    file: { fields: { name: { ...text, id: 1 }, dependency: { ...text, rule: 'repeated', id: 3 } } },
  };
  loaded ??= loader().fromJSON({ nested }, { keepCase: true }) as unknown as Protocol;
  return loaded;
}
