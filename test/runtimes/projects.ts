import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openProject, type Project } from '../../src/project/project';

interface Composed {
  folder: string;
  platform: string;
  image: string;
  services: string[];
}

const program = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.error('up')";

/** A spec and a Compose file of services that all run the same program. */
export function composedProject({ folder, platform, image, services }: Composed): Project {
  const all = <T>(value: T) => Object.fromEntries(services.map((service) => [service, value]));
  const own = {
    image,
    command: ['node', '-e', program],
    environment: { GREETING: 'hello' },
    restart: 'unless-stopped',
  };
  write(folder, 'compose.yaml', { name: platform, services: all(own) });
  write(folder, 'belay.yaml', { platform, compose: 'compose.yaml', services: all({}) });
  return openProject({ folder, files: {} });
}

/** A spec alone, whose services run what it names. */
export function writtenProject({ folder, platform, image, services }: Composed): Project {
  const own = { image, env: { GREETING: 'hello' } };
  const all = Object.fromEntries(services.map((service) => [service, own]));
  write(folder, 'belay.yaml', { platform, services: all });
  return openProject({ folder, files: {} });
}

const write = (folder: string, name: string, content: object) => writeFileSync(join(folder, name), stringify(content));
