using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Workflow.Reports;

/// <summary>
/// Makes the one-file HTML report: no script, no outside asset, pictures as inline SVG; readable offline, on paper, by day and by night. Equal models give equal bytes.
/// </summary>
public static class ReportBuilder
{
    /// <summary>The report as HTML text (UTF-8 when written, no byte order mark, "\n" line ends).</summary>
    public static async Task<string> BuildAsync(ReportModel model, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(HtmlEncoder.Create(UnicodeRanges.All))
            .BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<ReportDocument>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ReportDocument.Model)] = model }));
            return root.ToHtmlString();
        });
        return $"<!DOCTYPE html>\n{html.ReplaceLineEndings("\n").Trim()}\n";
    }

    /// <summary>Writes the report to a file.</summary>
    public static async Task WriteAsync(ReportModel model, string path, CancellationToken cancellationToken) =>
        await File.WriteAllTextAsync(path, await BuildAsync(model, cancellationToken), cancellationToken);
}
