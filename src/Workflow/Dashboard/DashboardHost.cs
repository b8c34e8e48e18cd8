using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Workflow.Artifacts;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Api;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard;

/// <summary>The dashboard as a web server in this process. It reads the ledger and never locks or writes it; what people ask for goes through <see cref="IRunActions"/>.</summary>
public sealed class DashboardHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly LedgerDb ledger;

    DashboardHost(WebApplication app, LedgerDb ledger) => (this.app, this.ledger) = (app, ledger);

    /// <summary>Address it answers on, with the port that was taken.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>All that it answers.</summary>
    internal IEnumerable<Endpoint> Endpoints => ((IEndpointRouteBuilder)app).DataSources.SelectMany(d => d.Endpoints);

    /// <summary>Patterns of all that is asked for with GET, as they were mapped.</summary>
    internal IReadOnlyList<string> Patterns => [.. Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) == true)
        .Select(e => e.RoutePattern.RawText ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The ledger as it reads it.</summary>
    internal LedgerDb Ledger => ledger;

    /// <summary>Serves until cancelled.</summary>
    /// <param name="options">Home and address.</param>
    /// <param name="actions">Acts on runs, where they are not in <see cref="DashboardOptions.Acts"/>.</param>
    /// <param name="samples">Sample rows of artifacts; null shows none.</param>
    /// <param name="started">Called with the address once it answers.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <exception cref="WorkflowException">The address is taken, or nobody could sign in where others reach it.</exception>
    public static async Task RunAsync(DashboardOptions options, IRunActions? actions, IArtifactSamples? samples, Action<string>? started, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(options, actions, samples, cancellationToken);
        started?.Invoke(host.Address);
        await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Starts serving; disposing stops it.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<DashboardHost> StartAsync(DashboardOptions options, IRunActions? actions, IArtifactSamples? samples, CancellationToken cancellationToken)
    {
        options = actions is null ? options : options with { Acts = options.Acts with { Runs = actions } };
        var address = DashboardAddress.Parse(options.Url);
        var paths = new HomePaths(options.Home);
        var who = AccessSetup.Decide(options, address, paths);
        if (!File.Exists(paths.Ledger))
        {
            // An empty home is served too: its pages say what would fill them.
            LedgerDb.Open(paths.Ledger, options.Time).Dispose();
        }

        var ledger = LedgerDb.OpenRead(paths.Ledger, options.Time);
        var app = Build(options, address, who, new DashboardContext(options, paths, ledger, options.Acts.Runs, samples));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException fault)
        {
            await app.DisposeAsync();
            ledger.Dispose();
            throw new WorkflowException($"The dashboard cannot listen on {options.Url}: {fault.Message} Is another one running? Name another port, as in http://127.0.0.1:{address.Endpoint.Port + 1}.", inner: fault);
        }

        return new DashboardHost(app, ledger);
    }

    static WebApplication Build(DashboardOptions options, DashboardAddress address, WhoAsks who, DashboardContext context)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // A page from before a restart, or another home on this host: whoever sent it is told, the log need not be.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            kestrel.Listen(address.Endpoint, listen =>
            {
                if (address.Https)
                {
                    TlsCertificate.Use(listen, options.Access, options.Time);
                }
            });
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(3));
        SessionCookie.Add(builder.Services, options.Access, context.Paths, options.Time, who.Open);
        builder.Services.AddAntiforgery(o =>
        {
            o.Cookie.Name = SessionCookie.Name("form", context.Paths);
            o.Cookie.Path = SessionCookie.Under(options.Access);
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        builder.Services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        builder.Services.AddRazorComponents();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<Current>();
        builder.Services.Configure<FormOptions>(o => o.ValueCountLimit = 10_000);
        builder.Services.AddSingleton(context);
        builder.Services.AddSingleton(who);
        ApiServices.Add(builder.Services);
        var app = builder.Build();
        AccessSetup.Use(app, options.Access, who.Open);
        PathPrefix.Use(app, options.Access.PathBase);
        SecurityHeaders.Use(app, who.Open);
        FaultPages.Use(app);
        ApiErrors.Use(app);
        app.UseRouting();
        AccessGate.Use(app, context, who);
        app.UseAntiforgery();
        Outside.OutsideEndpoints.Map(app, context.Paths, context.Ledger, options.Pulse);
        DashboardEndpoints.Map(app, context);
        return app;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        ledger.Dispose();
    }
}
