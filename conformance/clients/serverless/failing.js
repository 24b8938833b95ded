exports.handler = async () => {
  throw new Error("the function failed");
};
