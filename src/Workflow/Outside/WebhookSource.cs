using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>Events as webhooks tell them, see docs/outside.md. Signed as Standard Webhooks asks: HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
/// <param name="home">Id of the home.</param>
/// <param name="types">Types told: exact, or a beginning and <c>*</c>.</param>
/// <param name="after">Events up to this one are not told.</param>
sealed class WebhookSource(string home, IReadOnlyList<string> types, long after) : IMessageSource
{
    /// <inheritdoc/>
    public IEnumerable<OutsideMessage> Messages(LedgerConnection db, EventRow e)
    {
        if (e.Seq <= after || !types.Any(t => t.EndsWith('*') ? e.Type.StartsWith(t[..^1], StringComparison.Ordinal) : t == e.Type))
        {
            return [];
        }

        var key = $"{home}/{e.Seq}";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, OutsideJson.Writer))
        {
            json.WriteStartObject();
            json.WriteString("id", key);
            json.WriteString("type", e.Type);
            json.WriteString("timestamp", OutsideJson.Time(e.Time));
            json.WriteStartObject("data");
            json.WriteString("home", home);
            json.WriteNumber("seq", e.Seq);
            json.WriteString("job", e.RunId is null ? null : db.Text("SELECT pipeline FROM run WHERE run_id=?1", e.RunId));
            json.WriteString("run", e.RunId);
            json.WriteString("node", e.NodeId);
            if (e.Epoch is { } epoch)
            {
                json.WriteNumber("epoch", epoch);
            }

            Detail(db, e, json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return [new OutsideMessage(e.Seq, key, buffer.ToArray())];
    }

    static void Detail(LedgerConnection db, EventRow e, Utf8JsonWriter json)
    {
        var detail = OutsideJson.Detail(e);
        switch (e.Type)
        {
            case "run.ended":
                json.WriteString("state", detail);
                if (detail is not "succeeded")
                {
                    json.WriteString("error", db.Text("SELECT error_text FROM run WHERE run_id=?1", e.RunId));
                }

                break;
            case "node.failed" or "node.retry" or "node.cancelled" or "node.lost" or "node.fenced":
                var (kind, error) = db.First("SELECT exit_kind, error_text FROM attempt WHERE run_id=?1 AND node_id=?2 AND epoch=?3", r => (r.TextOrNull(0), r.TextOrNull(1)), e.RunId, e.NodeId, e.Epoch);
                json.WriteString("kind", kind ?? detail);
                json.WriteString("error", error);
                break;
            default:
                json.WriteString("detail", detail);
                break;
        }
    }

    /// <summary>The headers of a message: id, time, and the signature where there is a secret.</summary>
    public static void Sign(HttpRequestMessage request, OutsideMessage message, string? secret, TimeProvider time)
    {
        var stamp = time.GetUtcNow().ToUnixTimeSeconds().ToString();
        request.Headers.TryAddWithoutValidation("webhook-id", message.Key);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", stamp);
        if (secret is not null)
        {
            request.Headers.TryAddWithoutValidation("webhook-signature", $"v1,{Convert.ToBase64String(Signature(Key(secret), message.Key, stamp, message.Body))}");
        }
    }

    static byte[] Signature(byte[] key, string id, string stamp, byte[] body) => HMACSHA256.HashData(key, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{stamp}."), .. body]);

    /// <summary><c>whsec_</c> and base64 as Standard Webhooks writes keys; any other text is itself the key.</summary>
    static byte[] Key(string secret) => secret.StartsWith("whsec_", StringComparison.Ordinal) ? Convert.FromBase64String(secret["whsec_".Length..]) : Encoding.UTF8.GetBytes(secret);
}
