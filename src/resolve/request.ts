import { BelayError } from '../errors';
import { type ProtoFile, requestBy } from '../probes/proto-file';
import type { ReadyCheck } from '../spec/spec';

/** Returns the request of a gRPC call as its proto file encodes it, in base64. Throws `spec-invalid` for both. */
export function requestIn(
  file: ProtoFile,
  { call = '', message = {} }: Pick<ReadyCheck, 'call' | 'message'>,
  at: string,
): string {
  try {
    return requestBy(file, { call, message }).toString('base64');
  } catch (error) {
    throw new BelayError('spec-invalid', `${at}: ${(error as Error).message}`, {
      hint: `correct call and message, or the file in ${file.folder} on the host; its imports stand beside it, or in a folder above it`,
    });
  }
}
