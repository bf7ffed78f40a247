import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, type ServerCredentials, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { listening } from './grpc-server';

const reflection = (version: string) => `syntax = "proto3"; package grpc.reflection.${version};
service ServerReflection {
  rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse);
}
message ServerReflectionRequest {
  string host = 1;
  oneof message_request { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
}
message ServerReflectionResponse {
  string valid_host = 1;
  oneof message_response { FileDescriptorResponse file_descriptor_response = 4; ErrorResponse error_response = 7; }
}
message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
message ErrorResponse { int32 error_code = 1; string error_message = 2; }`;

const files = {
  'keys.proto': `syntax = "proto3"; package shop;
enum Lane { FAST = 0; SLOW = 1; }
message Key { string id = 1; Lane lane = 2; }`,
  'orders.proto': `syntax = "proto3"; package shop; import "keys.proto";
service Orders { rpc Get(Ask) returns (Order); rpc Watch(Ask) returns (stream Order); }
message Ask { Key order_key = 1; repeated int64 numbers = 2; }
message Order { string text = 1; }`,
  'v1.proto': reflection('v1'),
  'v1alpha.proto': reflection('v1alpha'),
};

/** Returns what the function makes of a folder with the proto files. */
export function inProtoFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'belay-proto-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const definitions = (): PackageDefinition =>
  inProtoFolder((folder) =>
    loadSync(Object.keys(files), { includeDirs: [folder], keepCase: true, enums: String, longs: Number }),
  );

/** How `shop.Orders/Get` ends, by its request. */
export type Answering = (request: object) => keyof typeof status | 'hangs';

/** Serves `shop.Orders`, and tells each of its files alone by this version of server reflection. */
export async function reflecting<T>(
  { version, answer }: { version?: 'v1' | 'v1alpha'; answer: Answering },
  use: (port: number) => Promise<T>,
  by?: ServerCredentials,
): Promise<T> {
  const all = definitions();
  const server = new Server();
  server.addService(all['shop.Orders'] as ServiceDefinition, {
    Get({ request }: { request: object }, reply: (error: object | null, order?: object) => void) {
      const code = answer(request);
      if (code === 'OK') reply(null, { text: 'an order' });
      else if (code !== 'hangs') reply({ code: status[code], details: 'as asked' });
    },
    Watch: () => undefined,
  });
  if (version)
    server.addService(all[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition, {
      ServerReflectionInfo: (stream: ServerDuplexStream<Record<string, string>, object>) =>
        void stream.on('data', (question) => stream.write(told(all, question))).on('end', () => stream.end()),
    });
  return await listening(server, use, by);
}

function told(
  all: PackageDefinition,
  { file_by_filename: name, file_containing_symbol: symbol }: Record<string, string>,
) {
  const descriptors = (all['shop.Ask'] as unknown as { fileDescriptorProtos: Buffer[] }).fileDescriptorProtos;
  const found = descriptors.find((bytes) =>
    name
      ? bytes.includes(`\n${String.fromCharCode(name.length)}${name}`)
      : symbol === 'shop.Orders' && bytes.includes('Orders'),
  );
  return found
    ? { file_descriptor_response: { file_descriptor_proto: [found] } }
    : { error_response: { error_code: status.NOT_FOUND, error_message: 'not here' } };
}
