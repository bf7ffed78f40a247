/** What the bundle of the workflows is made of, beside the SDK. */
export const bundleOptions = {
  workflowsPath: require.resolve('../workflows'),
  workflowInterceptorModules: [
    require.resolve('../workflows/unknown-type'),
    require.resolve('../workflows/reserved-names'),
  ],
  payloadConverterPath: require.resolve('../workflows/payload-converter'),
};
