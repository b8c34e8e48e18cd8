using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>A live python3-torch process with the peer's model: one request, one answer.</summary>
sealed class EncoderPeer : IDisposable
{
    readonly Process process;

    public EncoderPeer(int threads)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "minilm.py");
        var start = new ProcessStartInfo("/usr/bin/python3", [script, threads.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        start.Environment["GOMP_SPINCOUNT"] = "0";
        process = Process.Start(start)!;
    }

    public JsonElement Ask(JsonObject request)
    {
        process.StandardInput.WriteLine(request.ToJsonString());
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the peer ended; its own words are above");
        return JsonDocument.Parse(answer).RootElement;
    }

    /// <summary>Token ids as the peer reads them.</summary>
    public static JsonArray Ids(IEnumerable<int[]> texts) => [.. texts.Select(t => (JsonNode)new JsonArray([.. t.Select(id => (JsonNode)id)]))];

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
