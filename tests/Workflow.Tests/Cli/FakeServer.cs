using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>A web server that answers everything alike.</summary>
static class FakeServer
{
    /// <summary>Starts it on a free port; gives its address and what stops it.</summary>
    public static async Task<(string Url, Func<Task> Close)> StartAsync(Func<HttpRequest, (int Status, (string Name, string Value)[] Headers, string Body)> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(async http =>
        {
            var (status, headers, body) = answer(http.Request);
            http.Response.StatusCode = status;
            foreach (var (name, value) in headers)
            {
                http.Response.Headers[name] = value;
            }

            await http.Response.WriteAsync(body, TestContext.Current.CancellationToken);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return (app.Urls.First(), CloseAsync);

        async Task CloseAsync()
        {
            await app.StopAsync(TestContext.Current.CancellationToken);
            await app.DisposeAsync();
        }
    }
}
