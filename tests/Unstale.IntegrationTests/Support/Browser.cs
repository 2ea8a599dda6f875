using Microsoft.Playwright;
using Xunit;

namespace Unstale.IntegrationTests.Support;

/// <summary>Installed Chromium, with an empty profile. Without it the tests fail: nothing is downloaded.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Milliseconds for each step of a page. On a busy machine the start of a page may take a minute.</summary>
    private const float Patience = 120_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var executable = Find() ?? throw new InvalidOperationException(
            "The shop's page is tested in Chromium, and there is no 'chromium' on the PATH: install the package chromium, or run ./test.sh as root, which does.");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Headless = true, Args = Arguments, Timeout = Patience });
    }

    public async Task<IPage> OpenAsync(Uri address, int width = 1100, ColorScheme colors = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ColorScheme = colors,
            ViewportSize = new() { Width = width, Height = 800 },
        });
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        _playwright?.Dispose();
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(static folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);
}
