// A browser that takes pushes says so with each new sign-in. Others do not even load what that needs.

if (window.Notification?.permission === "granted") {
  // Without a network, or without keys of the server: the next page says it.
  import("./push.js").then(({ renewSubscription }) => renewSubscription()).catch(() => {});
}
