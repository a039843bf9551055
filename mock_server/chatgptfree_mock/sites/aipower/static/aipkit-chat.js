/*
 * The chat of AIPKit in the browser.  It asks as the real front end of the release asks: the message is left
 * first and the answer fetched as an event stream, or, where the bot does not stream, got in one piece.
 */
(function () {
  "use strict";

  const options = window.chatReleaseOptions;
  const NONCE_WORDS = ["security check failed", "session has expired", "nonce"];
  const NOT_PREPARED =
    "Failed to prepare message for streaming. Please check your internet connection and try again.";
  let conversation = "";

  function uuid() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function kept(storage, key) {
    try {
      const known = window[storage].getItem(key);
      if (known) {
        return known;
      }
      const made = uuid();
      window[storage].setItem(key, made);
      return made;
    } catch {
      return uuid();
    }
  }

  /** What this release calls an action of admin-ajax.php. */
  function action(original) {
    return (options.actions || {})[original] || original;
  }

  /** The name on this release's page of an attribute, without `data-`. */
  function attribute(slot) {
    return `data-${(options.attributes || {})[slot] || slot}`;
  }

  /** The config of a chat by the names that this script knows, wherever this release has the values. */
  function configOf(place) {
    const config = JSON.parse(place.getAttribute(attribute("config")));
    for (const slot of Object.keys(options.attributes || {})) {
      if (!["config", "bot-id", "icon-size"].includes(slot)) {
        config[slot] = place.getAttribute(attribute(slot));
      }
    }
    for (const [slot, path] of Object.entries(options.keys || {})) {
      config[slot] = path.reduce((value, name) => (value ? value[name] : undefined), config);
    }
    config.botId = place.getAttribute(attribute("bot-id"));
    for (const [slot, [name]] of Object.entries(options.texts || {})) {
      config.text[slot] = config.text[name];
    }
    return config;
  }

  /** The data of an event by the keys that this script knows. */
  function dataOf(name, event) {
    const data = JSON.parse(event.data);
    for (const [key, renamed] of Object.entries((options.data || {})[name] || {})) {
      data[key] = data[renamed];
    }
    return data;
  }

  /** The conversation of this page: with a sidebar a fresh one, else the one of this tab. */
  function conversationOf(config) {
    conversation ||= config.enableSidebar ? uuid() : kept("sessionStorage", "aipkit_current_conversation_uuid");
    return conversation;
  }

  function formOf(fields) {
    const form = new FormData();
    for (const [name, value] of fields) {
      form.append(name, value);
    }
    return form;
  }

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  class Refused extends Error {
    constructor(message, status) {
      super(message);
      this.status = status;
    }

    get aboutNonce() {
      const text = this.message.toLowerCase();
      return NONCE_WORDS.some((word) => text.includes(word));
    }
  }

  class Chat {
    constructor(place) {
      this.config = configOf(place);
      this.text = this.config.text;
      this.box = place.matches(".aipkit_chat_container") ? place : place.querySelector(".aipkit_chat_container");
      this.list = this.box.querySelector(".aipkit_chat_messages");
      this.input = this.box.querySelector(".aipkit_chat_input_field");
      this.button = this.box.querySelector(".aipkit_send_btn");
      this.starters = this.box.querySelector(".aipkit_conversation_starters");
      this.source = null;
      this.busy = false;
      this.responseId = null;
      this.interactionId = null;
      this.list.setAttribute("role", "log");
      this.list.setAttribute("aria-live", "polite");
      this.greet();
      this.listen();
    }

    greet() {
      const { initialGreeting, initialSubgreeting } = this.text;
      if (initialGreeting) {
        const bubble = this.bubble("bot", initialGreeting);
        if (initialSubgreeting) {
          bubble.append(element("span", "aipkit_subgreeting", initialSubgreeting));
        }
      }
    }

    listen() {
      this.button.addEventListener("click", () => (this.busy ? this.stop() : this.send(this.input.value)));
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.send(this.input.value);
        }
      });
      this.input.addEventListener("input", () => {
        this.input.style.height = "auto";
        this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
      });
      if (this.starters) {
        this.starters.addEventListener("click", (event) => {
          if (event.target.matches(".aipkit_starter_button")) {
            this.send(event.target.textContent);
          }
        });
      }
    }

    async send(message) {
      if (this.busy || !message.trim()) {
        return;
      }
      this.input.value = "";
      this.input.style.height = "auto";
      this.input.focus();
      if (this.starters) {
        this.starters.hidden = true;
      }
      this.bubble("user", message);
      this.setBusy(true);
      this.answer = { text: "", element: null, citations: [] };
      const asked = (this.asked = {});
      try {
        const trigger = this.imageTrigger(message);
        if (trigger) {
          await this.paint(message, message.slice(trigger.length).trim());
        } else if (this.config.streamEnabled === false) {
          await this.askOnce(message);
        } else {
          const key = await this.leave(message);
          if (this.asked === asked) {
            this.openStream(key);
          }
        }
      } catch (error) {
        if (this.asked === asked) {
          this.fail(error instanceof Refused ? error.message : this.text.connError);
        }
      }
    }

    /** The command that a message for an image begins with. */
    imageTrigger(message) {
      const known = (this.config.imageTriggers || "").split(",").map((word) => word.trim());
      return known.find((word) => word && `${message.trim()} `.startsWith(`${word} `));
    }

    async paint(message, prompt) {
      if (!prompt) {
        throw new Refused(this.text.imageCommandEmptyPrompt, 0);
      }
      const data = await this.post(() => [
        ["action", action("aipkit_chat_generate_image")],
        ["_ajax_nonce", this.config.nonce],
        ...this.session(),
        ["prompt", prompt],
        ["original_user_text", message],
        ["user_message_id", this.messageId()],
      ]);
      const bubble = this.bubble("bot", "");
      for (const { url, b64_json: data64 } of data.images) {
        const image = element("img", "aipkit_generated_image");
        image.src = url || `data:image/png;base64,${data64}`;
        image.alt = data.prompt;
        bubble.append(image);
      }
      this.setBusy(false);
    }

    messageId() {
      const stamp = Math.random().toString(36).slice(2, 7).padEnd(5, "0");
      return `aipkit-client-msg-${this.config.botId}-${Date.now()}-${stamp}`;
    }

    /** The ids by which the server keeps the conversation. */
    session() {
      const fields = [
        ["bot_id", this.config.botId],
        ["session_id", kept("localStorage", "aipkit_guest_uuid")],
        ["conversation_uuid", conversationOf(this.config)],
      ];
      if (this.config.postId > 0) {
        fields.push(["post_id", String(this.config.postId)]);
      }
      return fields;
    }

    state() {
      const fields = [];
      if (this.config.provider === "OpenAI" && this.config.enableOpenAIConversationState && this.responseId) {
        fields.push(["previous_openai_response_id", this.responseId]);
      }
      if (options.interactions && this.config.enableGoogleConversationState && this.interactionId) {
        fields.push(["previous_google_interaction_id", this.interactionId]);
      }
      return fields;
    }

    /** Leave the message with the server; returns the key by which the stream finds it. */
    async leave(message) {
      const id = this.messageId();
      const data = await this.post(() => [
        ["action", action("aipkit_cache_sse_message")],
        ["message", message],
        ["_ajax_nonce", this.config.nonce],
        ...(options.botInCacheCall ? [["bot_id", this.config.botId]] : []),
        ["user_client_message_id", id],
      ], true).catch((error) => {
        const lost = error instanceof Refused && error.status !== 403;
        throw lost ? new Refused(`${NOT_PREPARED} (HTTP ${error.status})`, error.status) : error;
      });
      return data.cache_key;
    }

    async askOnce(message) {
      const data = await this.post(() => [
        ["action", action("aipkit_frontend_chat_message")],
        ["_ajax_nonce", this.config.nonce],
        ...this.session(),
        ...this.state(),
        ["message", message],
      ]);
      this.responseId = data.openai_response_id || this.responseId;
      this.grow(data.reply || "");
      this.cite(data.citations);
      this.finish();
    }

    /** Post fields; a refused nonce is fetched again and the request repeated, once, where the release can do that. */
    async post(fields, doubts403 = false) {
      try {
        return await this.postOnce(fields());
      } catch (error) {
        const refused = error instanceof Refused && (error.aboutNonce || (doubts403 && error.status === 403));
        if (!(options.nonceRefresh && refused)) {
          throw error;
        }
        const data = await this.postOnce([
          ["action", window.aipkit_getChatNonceAction],
          ["bot_id", this.config.botId],
        ]);
        this.config.nonce = data.nonce;
        return this.postOnce(fields());
      }
    }

    async postOnce(fields) {
      const response = await fetch(this.config.ajaxUrl, {
        method: "POST",
        credentials: "same-origin",
        body: formOf(fields),
      });
      let reply = null;
      try {
        reply = await response.json();
      } catch {
        reply = null;
      }
      if (response.ok && reply && reply.success) {
        return reply.data;
      }
      const data = (reply && reply.data) || {};
      throw new Refused(data.message || `${this.text.connError} (HTTP ${response.status})`, response.status);
    }

    openStream(key) {
      const query = new URLSearchParams([
        ["action", action("aipkit_frontend_chat_stream")],
        ["cache_key", key],
        ...this.session(),
        ...(options.timestamp ? [["_ts", String(Date.now())]] : []),
        ...this.state(),
        ["_ajax_nonce", this.config.nonce],
      ]);
      const source = (this.source = new EventSource(`${this.config.ajaxUrl}?${query}`));
      const named = options.events || {};
      const on = (name, take) =>
        source.addEventListener(named[name] || name, (event) => take(dataOf(name, event)));
      source.addEventListener(named.text || "message", (event) => this.grow(dataOf("text", event).delta || ""));
      on("openai_response_id", (data) => (this.responseId = data.id));
      on("warning", (data) => this.grow(data.error || ""));
      if (options.interactions) {
        on("google_interaction_id", (data) => (this.interactionId = data.id));
      }
      if (options.status) {
        on("status", (data) => this.tell(data.type || ""));
        on("citations", (data) => this.cite(data));
      }
      on("done", (data) => {
        this.close();
        this.cite(data.citations);
        this.finish();
      });
      const failed = (event) => {
        this.close();
        this.streamFailed(event.data ? dataOf("error", event) : null);
      };
      source.onerror = failed;
      if (named.error) {
        source.addEventListener(named.error, failed);
      }
    }

    /** An event called "error" has data; a broken connection has none. */
    streamFailed(data) {
      if (!data) {
        this.fail(this.answer.text ? this.text.streamError : this.text.connError);
        return;
      }
      const { error, quota_notice: notice } = data;
      const bubble = this.fail(error);
      for (const { label, url } of (notice && notice.actions) || []) {
        const link = element("a", "aipkit_quota_action", label);
        link.href = url;
        bubble.append(link);
      }
    }

    stop() {
      if (this.text.stopResponse && (this.source || options.earlyStop)) {
        this.asked = null;
        this.close();
        this.setBusy(false);
      }
    }

    close() {
      if (this.source) {
        this.source.close();
        this.source = null;
      }
    }

    tell(type) {
      const words = type.includes("web_search") ? this.text.statusSearchingWeb : this.text.statusThinking;
      if (this.waiting) {
        this.waiting.firstElementChild.textContent = words;
      }
    }

    grow(text) {
      if (!text) {
        return;
      }
      this.removeWaiting();
      if (!this.answer.element) {
        this.answer.element = this.bubble("bot", "");
      }
      this.answer.text += text;
      this.answer.element.firstElementChild.textContent = this.answer.text;
      this.scroll();
    }

    cite(citations) {
      if (!this.config.showSources || !citations || !citations.length) {
        return;
      }
      for (const { url, title } of citations) {
        if (url && /^https?:/.test(url) && !this.answer.citations.some((known) => known.url === url)) {
          this.answer.citations.push({ url, title: title || url });
        }
      }
    }

    finish() {
      if (!this.answer.text) {
        this.fail(this.text.streamError);
        return;
      }
      if (this.answer.citations.length) {
        const sources = element("div", "aipkit_sources", `${this.text.sources}: `);
        for (const { url, title } of this.answer.citations) {
          const link = element("a", "aipkit_source", title);
          link.href = url;
          sources.append(link, " ");
        }
        this.answer.element.append(sources);
      }
      this.setBusy(false);
    }

    fail(message) {
      const bubble = this.bubble("error", `${this.text.errorPrefix} ${message}`);
      bubble.setAttribute("role", "alert");
      this.setBusy(false);
      return bubble;
    }

    bubble(kind, text) {
      const made = element("div", `aipkit_chat_bubble aipkit_${kind}_bubble`);
      made.append(element("span", "aipkit_bubble_text", text));
      this.list.append(made);
      this.scroll();
      return made;
    }

    setBusy(busy) {
      this.busy = busy;
      this.box.setAttribute("aria-busy", String(busy));
      const stoppable = busy && this.text.stopResponse && this.config.streamEnabled !== false;
      this.button.classList.toggle("aipkit_stop_btn", Boolean(stoppable));
      this.button.setAttribute("aria-label", stoppable ? this.text.stopResponse : this.text.sendMessage);
      this.button.disabled = busy && !stoppable;
      this.removeWaiting();
      if (busy) {
        this.waiting = element("div", "aipkit_typing");
        this.waiting.append(element("span", "", this.text.thinking), element("i", ""), element("i", ""), element("i", ""));
        this.list.append(this.waiting);
      }
      this.scroll();
    }

    removeWaiting() {
      if (this.waiting) {
        this.waiting.remove();
        this.waiting = null;
      }
    }

    scroll() {
      this.list.scrollTop = this.list.scrollHeight;
    }
  }

  function listenPopup(wrapper, chat) {
    const trigger = wrapper.querySelector(".aipkit_popup_trigger");
    const hint = wrapper.querySelector(".aipkit_popup_hint");
    const show = (shown) => {
      if (hint) {
        hint.hidden = hint.inert = !shown;
        hint.setAttribute("aria-hidden", String(!shown));
      }
    };
    const set = (open) => {
      wrapper.classList.toggle("aipkit_open", open);
      chat.box.setAttribute("aria-hidden", String(!open));
      chat.box.inert = !open;
      trigger.setAttribute("aria-expanded", String(open));
      show(false);
      (open ? chat.input : trigger).focus();
    };
    chat.box.inert = true;
    trigger.addEventListener("click", () => set(!wrapper.classList.contains("aipkit_open")));
    wrapper.querySelector(".aipkit_close_btn").addEventListener("click", () => set(false));
    wrapper.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && wrapper.classList.contains("aipkit_open")) {
        set(false);
      }
    });
    if (hint) {
      hint.addEventListener("click", () => set(true));
      window.setTimeout(() => {
        show(!wrapper.classList.contains("aipkit_open"));
      }, chat.config.popupLabelDelaySeconds * 1000);
    }
  }

  document.querySelectorAll(`.aipkit_chat_container[${attribute("config")}]`).forEach((place) => new Chat(place));
  document.querySelectorAll(".aipkit_popup_wrapper").forEach((place) => listenPopup(place, new Chat(place)));
})();
