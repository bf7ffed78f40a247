export { type SystemdWorld, systemdAdapter } from './adapter';
