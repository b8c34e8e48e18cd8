using System.Text;

namespace Workflow.Dashboard.AuditPages;

/// <summary>The audit as a file for spreadsheets (RFC 4180), written while it is read.</summary>
static class AuditCsv
{
    const int Batch = 1_000;

    /// <summary>Answers with all lines that the filter finds.</summary>
    public static async Task WriteAsync(HttpContext http, DashboardContext context, AuditFilter filter)
    {
        http.Response.ContentType = "text/csv; charset=utf-8; header=present";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit-{context.Now.UtcDateTime:yyyyMMdd-HHmmss}.csv\"";
        await http.Response.WriteAsync("seq,time,actor,action,target,reason,before\r\n", http.RequestAborted);
        var part = filter with { Size = Batch, After = null };
        do
        {
            var (rows, next) = context.Ledger.Read(db => AuditQueries.Page(db, part));
            var text = new StringBuilder();
            foreach (var row in rows)
            {
                text.Append(row.Seq).Append(',').Append(row.Time.UtcDateTime.ToString("O"));
                foreach (var cell in (string?[])[row.Actor, row.Action, row.Target, row.Reason, row.Before])
                {
                    text.Append(',').Append(Cell(cell ?? ""));
                }

                text.Append("\r\n");
            }

            await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
            part = part with { After = next };
        }
        while (part.After is not null);
    }

    // Spreadsheets take a cell that begins so for a formula, and run it.
    static string Cell(string text) => $"\"{(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
