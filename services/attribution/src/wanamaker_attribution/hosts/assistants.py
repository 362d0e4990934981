"""AI assistants.

Facts of searchengine-and-social-list 1.4.1 (matomo-org, CC0-1.0) in our own form, with assistants that it lacks added by hand.
"""

from __future__ import annotations

ASSISTANTS = """
baidu ai: yiyan.baidu.com ai.baidu.com ernie.baidu.com chat.baidu.com
character.ai: character.ai
chatglm: chatglm.cn chat.z.ai z.ai
chatgpt: chatgpt.com chat.openai.com labs.openai.com openai.com openai com.openai.chatgpt
chatplus: chatplus.com chat-gpt.org
claude: claude.ai com.anthropic.claude
copilot: copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft com.microsoft.copilot
deepseek: chat.deepseek.com com.deepseek.chat
doubao: doubao.com
duck.ai: duck.ai
felo: felo.ai
gemini: gemini.google.com bard.google.com com.google.android.apps.bard
genspark: genspark.ai
grok: grok.com x.ai ai.x.grok
iask: iask.ai
jasper: app.jasper.ai
kimi: kimi.com kimi.moonshot.cn
komo: komo.ai
le chat: chat.mistral.ai
liner: getliner.com liner.com
manus: manus.im
meta ai: meta.ai
monica: monica.im
notebooklm: notebooklm.google.com
perplexity: perplexity.ai ai.perplexity.app.android
phind: phind.com
pi.ai: pi.ai
poe: poe.com
qwen: chat.qwen.ai qwen.ai tongyi.com tongyi.aliyun.com
writesonic: app.writesonic.com
you.com: you.com
yuanbao: yuanbao.tencent.com
"""
