/** A kind of runtime, as the spec sees it. */
export interface RuntimeKind {
  capabilities: RuntimeCapabilities;
}

/** Capabilities of a kind of runtime, as data: the rest of the program tells runtimes apart by these alone. */
export interface RuntimeCapabilities {
  /**
   * `given`: each instance gets ports of the host from the reserved range. `own`: the service has host ports of its
   * own, and each instance takes one for each port.
   */
  ports: 'given' | 'own';
  /** True if instances have names on networks, where a managed proxy reaches them. */
  networks: boolean;
  /** True if one instance can start in the place of another, at its ports. */
  inPlace: boolean;
  /** True if revision 0 has the only copy of what stood on the host before: it is kept until a drop gives that back. */
  keepsFirst: boolean;
}
