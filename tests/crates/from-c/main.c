void run_guest(void);

int main(void) {
    run_guest();
    return 0;
}
