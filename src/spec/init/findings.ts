/** Findings in Compose files, which `belay init` goes by. */

/** A TCP port of a service that clients connect to. */
export interface ListeningPort {
  port: number;
  /** The port's protocol; absent if the Compose file does not tell. */
  protocol?: 'http' | 'grpc' | 'tcp';
  /** Ports of the host that lead to it, as Compose writes them: `8080`, `8080-8082`. */
  published: string[];
}

/** A tool beside Belay that sends requests directly to a service's containers. */
export interface Leader {
  /** The tool's common name. */
  tool: string;
  /** The part of the Compose file that asks for it: `labels traefik.enable`. */
  by: string;
  /** The setting that makes it lead to a managed proxy instead of the containers. */
  instead: string;
}

/** A service that looks another service's name up at its start, and keeps the address. */
export interface AddressKeeper {
  service: string;
  /** The tool's name: `nginx`. */
  tool: string;
  /** The configuration file that names the other service. */
  file: string;
  /** The command that makes it look the name up once more. */
  reload: string;
  /** The configuration that makes it look the name up regularly. */
  instead: string;
}
