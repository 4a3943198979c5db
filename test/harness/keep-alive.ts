import { Agent, setGlobalDispatcher } from "undici";

// workerd closes a connection that has been idle for 5 s, without a word of it beforehand; `fetch` would take one up
// again for up to 5 s, and now and then find it closed under a request that it must not repeat.
setGlobalDispatcher(new Agent({ keepAliveTimeout: 1_000 }));
