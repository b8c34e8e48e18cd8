using System.Text;

namespace Workflow.Dashboard.RunPages;

/// <summary>The whole log of a run as text: attempt after attempt in the order they began, a line with its time each. Read and sent in pieces, whatever its length.</summary>
static class RunLogText
{
    const int AttemptsAtOnce = 100;
    const int LinesAtOnce = 2_000;

    /// <summary>Sends it.</summary>
    public static async Task WriteAsync(HttpContext http, DashboardContext context, string run, string stage)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{new string([.. run.Where(char.IsLetterOrDigit)])}.log\"";
        (long Started, string Attempt)? after = null;
        while (true)
        {
            var attempts = context.Ledger.Read(db => RunLogQueries.InOrder(db, run, after, AttemptsAtOnce));
            if (attempts.Count == 0)
            {
                return;
            }

            foreach (var (attempt, node, epoch, started) in attempts)
            {
                after = (started, attempt);
                if (stage.Length == 0 || node == stage || node.StartsWith(stage + "/", StringComparison.Ordinal))
                {
                    await LinesAsync(http, context, attempt, node, epoch);
                }
            }
        }
    }

    static async Task LinesAsync(HttpContext http, DashboardContext context, string attempt, string node, long epoch)
    {
        var after = long.MinValue;
        while (true)
        {
            var lines = context.Ledger.Read(db => RunLogQueries.Lines(db, attempt, node, epoch, after, LinesAtOnce));
            if (lines.Count == 0)
            {
                return;
            }

            var text = new StringBuilder();
            foreach (var line in lines)
            {
                text.Append(line.Time.UtcDateTime.ToString("O")).Append(' ').Append(node).Append('#').Append(epoch).Append(' ').Append(line.Line).Append('\n');
            }

            await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
            after = lines[^1].Seq;
        }
    }
}
