/** Stands in place of a service in steps that test the whole platform. No service can have this name. */
export const wholePlatform = 'the platform';

export const isOfPlatform = ({ service }: { service: string }): boolean => service === wholePlatform;
