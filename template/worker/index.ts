import { createWorker, DocumentRoom } from "roomcast/server";

/** A live JSON document for each name. */
export class Documents extends DocumentRoom {}

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<Documents>;
}

export default createWorker<Env>({ documents: (env) => env.DOCUMENTS });
