using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Workflow.Tests.Outside;

/// <summary>What a receiver was sent.</summary>
sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Key => Headers["Idempotency-Key"];
}

/// <summary>A web server on a port of this machine that answers as it is told, and can go down and come back.</summary>
sealed class Receiver : IAsyncDisposable
{
    readonly Func<int, Received, int> answer;
    readonly ConcurrentQueue<Received> received = new();
    readonly Channel<Received> arrivals = Channel.CreateUnbounded<Received>();
    HttpListener? listener;
    Task serving = Task.CompletedTask;
    int count;

    /// <summary>Makes a receiver; it is not yet up.</summary>
    /// <param name="answer">Status by number of the request from 1 and the request; 0 takes it and never answers.</param>
    public Receiver(Func<int, Received, int> answer)
    {
        this.answer = answer;
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Port = ((IPEndPoint)free.LocalEndpoint).Port;
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}/hook";

    /// <summary>All it was sent, in order of arrival.</summary>
    public IReadOnlyList<Received> All => [.. received];

    public void Up()
    {
        listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        serving = ServeAsync(listener);
    }

    public async Task DownAsync()
    {
        listener?.Close();
        await serving;
        listener = null;
    }

    /// <summary>Waits for the first arrival, of those not yet waited for, that fits.</summary>
    public async Task<Received> NextAsync(Func<Received, bool> fits, CancellationToken cancellationToken)
    {
        await foreach (var next in arrivals.Reader.ReadAllAsync(cancellationToken))
        {
            if (fits(next))
            {
                return next;
            }
        }

        throw new InvalidOperationException("The receiver has gone.");
    }

    async Task ServeAsync(HttpListener server)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await server.GetContextAsync();
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var request = new Received(context.Request.RawUrl!, context.Request.Headers.AllKeys.ToDictionary(k => k!, k => context.Request.Headers[k]!, StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
            var status = answer(++count, request);
            received.Enqueue(request);
            arrivals.Writer.TryWrite(request);
            if (status == 0)
            {
                continue;
            }

            try
            {
                context.Response.StatusCode = status;
                if (status >= 400)
                {
                    context.Response.Close(Encoding.UTF8.GetBytes($"because {status}"), willBlock: false);
                }
                else
                {
                    context.Response.Close();
                }
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The sender has gone.
            }
        }
    }

    public async ValueTask DisposeAsync() => await DownAsync();
}
