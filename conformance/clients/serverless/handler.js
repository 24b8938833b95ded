exports.handler = async ({ Content, MessageId, RoomArn, Attributes, Sender }) => {
  if (Content.includes("darn")) return { ReviewResult: "DENY", Attributes: { Reason: "Please do not swear." } };
  return { ReviewResult: "ALLOW", Content: Content.replaceAll("heck", "h***"), Attributes: null };
};
