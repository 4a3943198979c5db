export function ChatPage({ id }: { readonly id: string }) {
  return <main className="chat-page">{id}</main>;
}
