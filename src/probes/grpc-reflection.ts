import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import type { Method } from './grpc-client';
import { asWritten, type Described, methodIn } from './grpc-method';
import { type Answer, loader, protocol, type Question } from './grpc-protocol';

/**
 * Returns a unary method as the server's reflection describes it. Throws, in words for people, if it describes none, or
 * if the message has a field that the method's request has not.
 */
export async function describedMethod(
  client: Client,
  { call, message }: Described,
  signal: AbortSignal,
): Promise<Method<object, unknown>> {
  const [service] = call.split('/') as [string];
  const { loadFileDescriptorSetFromBuffer } = loader();
  const files = await filesOf(client, service, signal);
  const set = Buffer.from(protocol().files.serialize({ file: files }));
  return methodIn(loadFileDescriptorSetFromBuffer(set, asWritten), { call, message });
}

/** Returns the descriptions of the files that the service needs, as bytes. */
async function filesOf(client: Client, service: string, signal: AbortSignal): Promise<Buffer[]> {
  const files = new Map<string, Buffer>();
  const asked = new Set<string>();
  const keep = (found: Buffer[]) => {
    for (const bytes of found) files.set(protocol().file.deserialize(bytes).name, bytes);
  };
  const version = await answeringVersion(client, service, signal, keep);
  for (;;) {
    const imports = [...files.values()].flatMap((bytes) => protocol().file.deserialize(bytes).dependency ?? []);
    const missing = imports.find((name) => !files.has(name) && !asked.has(name));
    if (missing === undefined) return [...files.values()];
    asked.add(missing);
    keep(await ask(client, version, { file_by_filename: missing }, signal));
  }
}

const versions = ['v1', 'v1alpha'];

/** Asks for the service's own file by the first version of the protocol that the server has. */
async function answeringVersion(
  client: Client,
  service: string,
  signal: AbortSignal,
  keep: (found: Buffer[]) => void,
): Promise<string> {
  for (const version of versions) {
    try {
      keep(await ask(client, version, { file_containing_symbol: service }, signal));
      return version;
    } catch (error) {
      if ((error as Partial<ServiceError>).code !== status.UNIMPLEMENTED) throw error;
    }
  }
  throw new Error('it has no server reflection, which tells the fields of a message: write proto');
}

function ask(client: Client, version: string, question: Question, signal: AbortSignal): Promise<Buffer[]> {
  const { question: asking, answer } = protocol();
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest(path, asking.serialize, answer.deserialize);
    signal.addEventListener('abort', () => stream.cancel(), { once: true });
    stream.on('error', reject).on('end', () => reject(new Error('its reflection ended without an answer')));
    stream.on('data', ({ found }: Answer) => {
      if (found) resolve(found.file_descriptor_proto);
      else reject(new Error(`its reflection does not know ${Object.values(question).join()}`));
      stream.cancel();
    });
    stream.write(question);
    stream.end();
  });
}
