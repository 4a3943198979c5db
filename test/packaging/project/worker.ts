import { createWorker, DocumentRoom } from "roomcast/server";

export class Documents extends DocumentRoom<{ title: string }> {}

interface Env {
  DOCUMENTS: DurableObjectNamespace<Documents>;
}

export default createWorker<Env>({ documents: (env) => env.DOCUMENTS });
