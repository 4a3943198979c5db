import { createWorker, DocumentRoom } from "roomcast/server";

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<Documents>;
}

/** A live JSON document for each name. */
export class Documents extends DocumentRoom {}

export default createWorker<Env>({ documents: (env) => env.DOCUMENTS });
