const workflowInterceptorModules = [
  require.resolve('../workflows/unknown-type'),
  require.resolve('../workflows/reserved-names'),
];

/** Sources of the workflow bundle, beside the SDK. */
export const bundleOptions = {
  workflowsPath: require.resolve('../workflows'),
  workflowInterceptorModules,
  payloadConverterPath: require.resolve('../workflows/payload-converter'),
};

/** The same with traces, in a bundle of its own: their libraries take time in each step. */
export const tracedBundleOptions = {
  ...bundleOptions,
  workflowInterceptorModules: [...workflowInterceptorModules, require.resolve('../workflows/tracing')],
};
