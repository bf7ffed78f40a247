export { type SystemdWorld, systemdAdapter } from './adapter';
export { systemdDrills } from './drills';
