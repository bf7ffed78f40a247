import { type Attribute, carried, refused, unneeded, warned } from './attribute';

/** Attributes of networks, volumes, secrets and configs that a service uses. */
export type Section = 'networks' | 'volumes' | 'secrets' | 'configs';

const others = 'it is created outside of Belay, and a release stops if it is missing';
const name = 'its name, which Compose puts before it where the file has none';
const noStore = 'there is no store of Swarm behind it: write file:, environment: or content:';

const written = 'a file that is written into the container';

/** Common attributes of secrets and configs. */
const asFile = {
  environment: carried(written),
  external: refused(noStore),
  file: carried('a read-only bind mount'),
  labels: warned('a file has no labels'),
  name: unneeded('it is known by its key'),
  template_driver: refused('Belay fills in no template: write the final file'),
};

export const resourceAttributes: Record<Section, Record<string, Attribute>> = {
  networks: {
    attachable: carried('Attachable'),
    driver: carried('Driver'),
    driver_opts: carried('Options'),
    enable_ipv4: refused('remove it: a network without IPv4 needs an engine that Belay does not know yet'),
    enable_ipv6: carried('EnableIPv6'),
    external: unneeded(others),
    internal: carried('Internal'),
    'ipam.config': carried('IPAM'),
    'ipam.driver': carried('IPAM'),
    'ipam.options': carried('IPAM'),
    labels: carried('Labels'),
    name: unneeded(name),
  },
  volumes: {
    driver: carried('Driver'),
    driver_opts: carried('Options'),
    external: unneeded(others),
    labels: carried('Labels'),
    name: unneeded(name),
  },
  secrets: { driver: refused(noStore), driver_opts: refused(noStore), ...asFile },
  configs: { content: carried(written), ...asFile },
};
