import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';

/** A call, and the fields of its request. */
export interface Described {
  /** `shop.Orders/Get` */
  call: string;
  message: Record<string, unknown>;
}

/** The names of fields as the proto file has them. */
export const asWritten = { keepCase: true, enums: String, bytes: String };

/**
 * Returns the unary method of a call. Throws, in words for people, if the definitions have none, or if the message has
 * a field that the method's request has not. Pure.
 */
export function methodIn(all: PackageDefinition, { call, message }: Described): MethodDefinition<object, object> {
  const [service, name] = call.split('/') as [string, string];
  const method = (all[service] as PackageDefinition | undefined)?.[name] as
    | MethodDefinition<object, object>
    | undefined;
  if (!method) throw new Error(`${service} has no method ${name}`);
  if (method.requestStream || method.responseStream) throw new Error(`${call} streams, and a check makes a unary call`);
  const { serialize, deserialize } = method.requestType;
  const lost = lostKey(message, deserialize(serialize(message)));
  if (lost) throw new Error(`the request of ${call} has no field ${lost}, or it has no such value`);
  return method;
}

/** Returns the first key of a message that its encoding has not kept. */
function lostKey(given: unknown, kept: unknown, at = ''): string | undefined {
  if (typeof given !== 'object' || given === null) return kept === undefined ? at : undefined;
  if (typeof kept !== 'object' || kept === null) return Object.keys(given).length > 0 ? at : undefined;
  const inside = kept as Record<string, unknown>;
  return Object.entries(given)
    .map(([key, value]) => lostKey(value, inside[key], at === '' ? key : `${at}.${key}`))
    .find((one) => one !== undefined);
}
